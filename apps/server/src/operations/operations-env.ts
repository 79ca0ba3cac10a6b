import { z } from 'zod'
import { about, address, meanings, wholeNumber } from '../env-variables.ts'
import type { TracingOptions } from './tracing.ts'

/** How the server is watched, and how it ends. */
export interface Operations {
  /** How long `GET /ready` says `draining` before anything ends, ms. */
  readonly drainNoticeMs: number
  /** Opens `GET /metrics`; undefined: there is none. */
  readonly metricsToken: string | undefined
  /** Undefined: nothing is traced. */
  readonly tracing: TracingOptions | undefined
}

/** As OpenTelemetry writes them: the value percent-encoded. */
const HEADER = /^\s*([\w-]+)\s*=\s*((?:[^%,]|%[\da-f]{2})+)$/i

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
  OTEL_EXPORTER_OTLP_ENDPOINT: address(/^https?$/, 'http://127.0.0.1:4318')
    .optional()
    .register(
      meanings,
      about('Send traces to this OpenTelemetry collector, over OTLP/HTTP.', 'no traces'),
    ),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((pair) => pair.trim() !== ''))
    .refine(
      (pairs) => pairs.every((pair) => HEADER.test(pair)),
      'must be headers such as api-key=secret, comma-separated',
    )
    .register(meanings, about('Headers for the collector, `name=value`, comma-separated.', 'none')),
  OTEL_SERVICE_NAME: z
    .string()
    .default('saywire-server')
    .register(meanings, about('What traces call this server.', 'saywire-server')),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a share from 0 to 1, such as 0.1')
    .transform(Number)
    .default(1)
    .register(meanings, about('Share of traces that are recorded, 0 to 1.', '1')),
}

const operationsSchema = z.object(operationsVariables)

/** How the server is watched, from variables that are right each by itself. */
export function toOperations(env: z.infer<typeof operationsSchema>): Operations {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT
  return {
    drainNoticeMs: env.DRAIN_NOTICE_MS,
    metricsToken: env.METRICS_TOKEN,
    tracing:
      endpoint === undefined
        ? undefined
        : {
            endpoint,
            headers: Object.fromEntries(env.OTEL_EXPORTER_OTLP_HEADERS.map(toHeader)),
            serviceName: env.OTEL_SERVICE_NAME,
            share: env.OTEL_TRACES_SAMPLER_ARG,
          },
  }
}

function toHeader(pair: string): [string, string] {
  const [, name = '', value = ''] = HEADER.exec(pair) ?? []
  return [name, decodeURIComponent(value.trim())]
}
