import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { watchUpgrade } from '../http/answers.ts'
import type { NewId } from '../ids.ts'
import type { Metrics } from './metrics.ts'
import type { RouteOf } from './route-names.ts'
import type { Span, Tracing } from './tracing.ts'

/** What belongs to one request, wherever it is handled. */
export interface RequestTrail {
  readonly id: string
  /** Its records carry the request's id. */
  readonly log: Logger
  /** Undefined where nothing is traced. */
  readonly span: Span | undefined
  /** The request has become a WebSocket. @returns headers of the answer, as lines */
  upgraded(): string[]
}

/** Names each request and writes one record of how it ended. */
export interface RequestLog {
  /** The answer's header `x-request-id` is set. */
  begin(req: IncomingMessage, res: ServerResponse): RequestTrail
  beginUpgrade(req: IncomingMessage, socket: Duplex): RequestTrail
}

export interface RequestLogDeps {
  readonly log: Logger
  readonly newId: NewId
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly routeOf: RouteOf
  readonly metrics: Metrics
  readonly tracing?: Tracing | undefined
}

const HEADER = 'x-request-id'
/** An id that a proxy gives: anything else, such as a line of its own, stays out of the log. */
const SANE_ID = /^[\w.-]{8,128}$/
/** Asked for all day, by machines or by every page. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics', 'page'])

/** Those that mean something here; there are dozens more. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'])

const trails = new WeakMap<IncomingMessage, RequestTrail>()

/** @returns undefined for a request that no RequestLog has begun */
export function trailOf(req: IncomingMessage): RequestTrail | undefined {
  return trails.get(req)
}

export function createRequestLog(deps: RequestLogDeps): RequestLog {
  const { now, metrics } = deps

  function follow(req: IncomingMessage): RequestTrail & { readonly end: (status: number) => void } {
    const beganAtMs = now()
    const given = req.headers[HEADER]
    const id = typeof given === 'string' && SANE_ID.test(given) ? given : deps.newId('req')
    const method = req.method ?? ''
    const route = deps.routeOf(req)
    const isQuiet = QUIET_ROUTES.has(route)
    const span = isQuiet
      ? undefined
      : deps.tracing?.start(`${method} ${route}`, req.headers, {
          'http.request.method': method,
          'http.route': route,
          'saywire.request_id': id,
        })
    const log = deps.log.child({ request_id: id, ...(span && { trace_id: span.traceId }) })
    let isEnded = false
    const end = (status: number): void => {
      if (isEnded) return
      isEnded = true
      const level = isQuiet ? 'debug' : 'info'
      const ms = now() - beganAtMs
      log[level]({ method, route, status, ms: Math.round(ms) }, 'request')
      const labels = { method: METHODS.has(method) ? method : 'other', route, status: `${status}` }
      span?.set({ 'http.response.status_code': status })
      span?.end(status >= 500 ? `${status}` : undefined)
      metrics.count('saywire_http_requests_total', labels)
      metrics.observe('saywire_http_request_seconds', ms, { route })
    }
    const trail = {
      id,
      log,
      span,
      end,
      upgraded() {
        end(101)
        return [`${HEADER}: ${id}`]
      },
    }
    trails.set(req, trail)
    return trail
  }

  return {
    begin(req, res) {
      const trail = follow(req)
      res.setHeader(HEADER, trail.id)
      // 499, as nginx has it: the client went before it was answered.
      res.once('close', () => trail.end(res.writableFinished ? res.statusCode : 499))
      return trail
    },
    beginUpgrade(req, socket) {
      const trail = follow(req)
      watchUpgrade(socket, {
        headers: [`${HEADER}: ${trail.id}`],
        onRefused(code, status) {
          trail.end(status)
          metrics.count('saywire_sockets_refused_total', { code })
        },
      })
      return trail
    },
  }
}
