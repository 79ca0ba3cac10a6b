import type { Context, Span as OtelSpan } from '@opentelemetry/api'
import {
  defaultTextMapGetter,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import type { Span, Tracing, TracingOptions } from './tracing.ts'

/** A collector that does not answer must not hold up the end of the process. */
const CLOSE_MS = 3000
const EXPORT_TIMEOUT_MS = 5000
/** A collector that is down is worth a line now and then. */
const COMPLAIN_EVERY_MS = 60_000

/**
 * OpenTelemetry's SDK, over OTLP/HTTP. Parents are handed on by hand, not by AsyncLocalStorage: that
 * would cost every promise of the process something, those of the audio, too.
 */
export function createOtlpTracing(
  { endpoint, headers, serviceName, share }: TracingOptions,
  log: Pick<Logger, 'warn'>,
): Tracing {
  complainTo(log)
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
  })
  const ratio = new TraceIdRatioBasedSampler(share)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    // Anybody can claim that their trace is recorded: what is sent is decided here all the same.
    sampler: new ParentBasedSampler({ root: ratio, remoteParentSampled: ratio }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  })
  const tracer = provider.getTracer('saywire-server')
  const propagator = new W3CTraceContextPropagator()

  function wrap(span: OtelSpan, parent: Context): Span {
    const context = trace.setSpan(parent, span)
    let isEnded = false
    return {
      traceId: span.spanContext().traceId,
      child: (name, attributes = {}) =>
        wrap(tracer.startSpan(name, { attributes }, context), context),
      set: (attributes) => void span.setAttributes(attributes),
      event: (name) => void span.addEvent(name),
      end(failure) {
        if (isEnded) return
        isEnded = true
        if (failure !== undefined) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
          span.setAttribute('error.type', failure)
        }
        span.end()
      },
    }
  }

  return {
    start(name, incoming, attributes) {
      const parent = propagator.extract(ROOT_CONTEXT, incoming, defaultTextMapGetter)
      const options = { kind: SpanKind.SERVER, attributes }
      return wrap(tracer.startSpan(name, options, parent), parent)
    },
    async close() {
      const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())
      await Promise.race([provider.shutdown().catch(() => undefined), late])
    },
  }
}

/** The library reports what fails to a logger of the whole process, as text. */
function complainTo(log: Pick<Logger, 'warn'>): void {
  let saidAtMs = Number.NEGATIVE_INFINITY
  const complain = (message: string): void => {
    if (performance.now() - saidAtMs < COMPLAIN_EVERY_MS) return
    saidAtMs = performance.now()
    log.warn(
      { reason: /"message":"([^"]*)"/.exec(message)?.[1] ?? message },
      'traces are not delivered',
    )
  }
  const ignore = (): void => undefined
  const logger = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
