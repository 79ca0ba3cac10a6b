import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '../app-error.ts'
import type { Metrics } from './metrics.ts'

export const METRICS_PATH = '/metrics'

/** @throws AppError `not_found` where nobody may see it, `unauthenticated` without the token */
export type MetricsPage = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/**
 * The page that Prometheus reads.
 * @param token what it has to show; undefined: there is no such page, and its library is not loaded
 */
export function createMetricsPage(metrics: Metrics, token: string | undefined): MetricsPage {
  if (token === undefined) return refuse
  const expected = digestOf(token)
  // Loaded at the start, not by the first request: some of its figures begin when it does.
  const loading = import('./prometheus.ts').then(({ createPrometheusText }) =>
    createPrometheusText(metrics),
  )
  // Whoever asks is told; until then nobody is.
  loading.catch(() => undefined)

  return async (req, res) => {
    const given = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? ''
    // Digests have one length, whatever was given.
    if (!timingSafeEqual(digestOf(given), expected)) {
      throw new AppError('unauthenticated', 'The figures are for who has METRICS_TOKEN.')
    }
    const text = await loading
    res.writeHead(200, { 'content-type': text.contentType }).end(await text.write())
  }
}

const refuse: MetricsPage = async () => {
  throw new AppError('not_found', 'There is nothing here. See /docs.')
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
