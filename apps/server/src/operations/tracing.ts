import type { IncomingHttpHeaders } from 'node:http'
import type { Logger } from 'pino'

/** Never what people said, who they are, or a secret. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** One piece of work in a trace. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  child(name: string, attributes?: SpanAttributes): Span
  set(attributes: SpanAttributes): void
  /** Something that happened on the way. */
  event(name: string): void
  /** @param failure code of what went wrong; undefined: nothing did */
  end(failure?: string): void
}

/** Where the server's traces begin. Without it nothing is traced, and no library is loaded. */
export interface Tracing {
  /** Continues the trace of the headers `traceparent` and `tracestate`, else begins one. */
  start(name: string, headers: IncomingHttpHeaders, attributes: SpanAttributes): Span
  /** Sends what is left. Bounded in time, never rejects. */
  close(): Promise<void>
}

/** How traces leave, from OpenTelemetry's own variables. */
export interface TracingOptions {
  /** Of an OTLP/HTTP collector; `/v1/traces` is added. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  /** Share of traces that are recorded, 0 to 1. */
  readonly share: number
}

/** @returns undefined where none are wanted */
export async function startTracing(
  options: TracingOptions | undefined,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<Tracing | undefined> {
  if (!options) return undefined
  const { createOtlpTracing } = await import('./otlp-tracing.ts')
  log.info({ service: options.serviceName, share: options.share }, 'traces are sent')
  return createOtlpTracing(options, log)
}
