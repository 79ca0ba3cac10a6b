import type { IncomingMessage, ServerResponse } from 'node:http'

/** Whom the server answers. */
export interface CallerPolicy {
  /** Address that the server listens on. */
  readonly host: string
  readonly allowedOrigins: readonly string[]
}

/**
 * Why this request may not be answered; undefined where it may. Programs that are no browser send
 * no Origin; a browser's page must be of this very origin or on the list. While the server listens
 * to this machine only, the Host must be a name of it, or of a listed origin: another name that
 * leads here is a foreign page's, which would pass as of this origin (DNS rebinding). A Host that is
 * no name at all is refused wherever the server listens: URLs cannot be made of it.
 */
export function findForeignCaller(req: IncomingMessage, policy: CallerPolicy): string | undefined {
  const { origin, host } = req.headers
  const { allowedOrigins } = policy
  if (host !== undefined) {
    const name = hostnameOf(`http://${host}`)
    if (name === undefined) return NO_HOST
    const isKnown = isLoopback(name) || allowedOrigins.some((own) => hostnameOf(own) === name)
    if (isLoopback(policy.host) && !isKnown) return FOREIGN_HOST
  }
  if (origin === undefined) return isForeignChange(req) ? FOREIGN_PAGE : undefined
  if (allowedOrigins.includes(origin)) return undefined
  const isOwn = host !== undefined && URL.canParse(origin) && new URL(origin).host === host
  return isOwn ? undefined : FOREIGN_PAGE
}

/**
 * Browsers send the Origin along with every change; where something on the way has taken it off,
 * they still say whose page it was. A link from another site is none: it changes nothing.
 */
function isForeignChange({ method = '', headers }: IncomingMessage): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return false
  return ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']))
}

const FOREIGN_PAGE = 'Pages of this origin may not call the API. Add it to ALLOWED_ORIGINS.'
const NO_HOST = 'The header Host is not the name of a host.'
const FOREIGN_HOST =
  'This server answers to names of its own machine, such as localhost. Behind a proxy, add the ' +
  'public origin to ALLOWED_ORIGINS.'

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

/** Whether this name or address leads to this very machine. */
export function isLoopback(name: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(name)
}

/** Lets the page at an allowed origin read the answer. */
export function setCorsHeaders(req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('vary', 'origin')
  if (req.headers.origin === undefined) return
  res.setHeader('access-control-allow-origin', req.headers.origin)
  if (req.method !== 'OPTIONS') return
  res.setHeader('access-control-allow-methods', 'GET, POST, DELETE')
  res.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key')
  res.setHeader('access-control-max-age', '600')
}
