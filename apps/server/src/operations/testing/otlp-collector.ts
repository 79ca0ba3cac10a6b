import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { readBody } from '../../http/json-body.ts'

/** A span as it arrived. */
export interface CollectedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  /** OTLP's number: 1 internal, 2 server. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly string[]
  readonly durationMs: number
  /** 2 is an error. */
  readonly status: { readonly code: number; readonly message?: string | undefined }
  readonly service: unknown
}

/** An OpenTelemetry collector's receiver for traces: OTLP/HTTP with JSON, and nothing it would refuse. */
export interface OtlpCollector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  readonly spans: readonly CollectedSpan[]
  /** Headers of the requests, oldest first. */
  readonly requests: readonly IncomingMessage['headers'][]
  /** Everything that arrived, as text. */
  readonly bodies: readonly string[]
  /** What was wrong with what was sent. */
  readonly complaints: readonly string[]
}

const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.union([z.int(), z.string().regex(/^-?\d+$/)]) }),
  z.strictObject({ doubleValue: z.number() }),
])
const attributes = z
  .array(z.strictObject({ key: z.string().min(1), value }))
  .default([])
  .transform((pairs) =>
    Object.fromEntries(pairs.map((pair) => [pair.key, Object.values(pair.value)[0] as unknown])),
  )
const nanoseconds = z.string().regex(/^\d{19}$/)

/** `ExportTraceServiceRequest` of opentelemetry-proto, in its JSON form: ids are hexadecimal there. */
const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          scope: z.object({ name: z.string() }),
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[\da-f]{32}$/),
              spanId: z.string().regex(/^[\da-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[\da-f]{16}$/)
                .optional(),
              name: z.string().min(1),
              kind: z.int().min(1).max(5),
              startTimeUnixNano: nanoseconds,
              endTimeUnixNano: nanoseconds,
              attributes,
              events: z
                .array(z.object({ name: z.string(), timeUnixNano: nanoseconds, attributes }))
                .default([]),
              status: z.object({ code: z.int().min(0).max(2), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
})

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = []
  const requests: IncomingMessage['headers'][] = []
  const bodies: string[] = []
  const complaints: string[] = []

  async function take(req: IncomingMessage): Promise<number> {
    if (req.url !== '/v1/traces') return 404
    if (req.method !== 'POST') return 405
    if (req.headers['content-type'] !== 'application/json') return 415
    requests.push(req.headers)
    const raw = await readBody(req, 4 * 1024 * 1024)
    const isZipped = req.headers['content-encoding'] === 'gzip'
    const body = (isZipped ? gunzipSync(raw) : raw).toString('utf8')
    bodies.push(body)
    for (const { resource, scopeSpans } of exportRequest.parse(JSON.parse(body)).resourceSpans) {
      const service = resource.attributes['service.name']
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({
          ...span,
          parentSpanId: span.parentSpanId,
          events: span.events.map(({ name }) => name),
          durationMs:
            Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1_000_000,
          service,
        })
      }
    }
    return 200
  }

  function answer(res: ServerResponse, status: number, message = ''): void {
    if (status !== 200) complaints.push(`${status} ${message}`)
    res.writeHead(status, { 'content-type': 'application/json' })
    res.end(status === 200 ? '{"partialSuccess":{}}' : JSON.stringify({ code: 3, message }))
  }

  const server = createServer((req, res) => {
    take(req).then(
      (status) => answer(res, status),
      (error: unknown) => answer(res, 400, String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    bodies,
    complaints,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
