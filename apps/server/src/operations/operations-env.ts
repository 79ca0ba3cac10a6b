import { z } from 'zod'
import { about, meanings, wholeNumber } from '../env-variables.ts'

/** How the server is watched, and how it ends. */
export interface Operations {
  /** How long `GET /ready` says `draining` before anything ends, ms. */
  readonly drainNoticeMs: number
  /** Opens `GET /metrics`; undefined: there is none. */
  readonly metricsToken: string | undefined
}

/** The part of the configuration that is for whoever runs the server. */
export const operationsVariables = {
  METRICS_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,}$/,
      'must be at least 16 characters without spaces: take the output of `openssl rand -hex 16`',
    )
    .optional()
    .register(
      meanings,
      about(
        'Opens `GET /metrics` for Prometheus, which shows it as `Authorization: Bearer …`; at least ' +
          '16 characters.',
        'no metrics',
      ),
    ),
  DRAIN_NOTICE_MS: wholeNumber(0, 30_000)
    .default(0)
    .register(
      meanings,
      about(
        'How long, in ms, the server goes on as before after SIGTERM, while `GET /ready` says ' +
          '`draining`: longer than a load balancer takes to notice.',
        '0',
      ),
    ),
}

const operationsSchema = z.object(operationsVariables)

/** How the server is watched, from variables that are right each by itself. */
export function toOperations(env: z.infer<typeof operationsSchema>): Operations {
  return { drainNoticeMs: env.DRAIN_NOTICE_MS, metricsToken: env.METRICS_TOKEN }
}
