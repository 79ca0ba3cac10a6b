import { z } from 'zod'
import { about, meanings, wholeNumber } from '../env-variables.ts'

/** How the server is watched, and how it ends. */
export interface Operations {
  /** How long `GET /ready` says `draining` before anything ends, ms. */
  readonly drainNoticeMs: number
}

/** The part of the configuration that is for whoever runs the server. */
export const operationsVariables = {
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
  return { drainNoticeMs: env.DRAIN_NOTICE_MS }
}
