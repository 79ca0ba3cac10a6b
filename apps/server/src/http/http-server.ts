import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'
import type { Logger } from 'pino'
import { toApiError } from '../api/api-errors.ts'
import type { InnerContext } from '../api/context.ts'
import { appRouter } from '../api/router.ts'
import { AppError } from '../app-error.ts'
import type { StripeWebhook } from '../billing/stripe-webhook.ts'
import { STRIPE_WEBHOOK_PATH } from '../billing/stripe-webhook.ts'
import {
  LIVENESS_PATH,
  READINESS_PATH,
  sendLiveness,
  sendReadiness,
} from '../operations/probe-pages.ts'
import type { Readiness } from '../operations/readiness.ts'
import type { StreamServer } from '../stream/stream-server.ts'
import { refuseUpgrade, sendError, sendJson } from './answers.ts'
import type { ReadCaller } from './caller.ts'
import { createDashboard } from './dashboard.ts'
import { declineUpgrade } from './declined-upgrade.ts'
import { createDocsPage } from './docs-page.ts'
import { BATCH_MAX, BODY_MAX_BYTES, checkAnnouncedSize } from './json-body.ts'
import { createOpenApiDocument } from './openapi-document.ts'
import type { CallerPolicy } from './origin.ts'
import { findForeignCaller, setCorsHeaders } from './origin.ts'
import { createRestHandler } from './rest-handler.ts'
import type { TrpcSocket } from './trpc-socket.ts'
import { sendUsageCsv, USAGE_CSV_PATH } from './usage-csv-download.ts'

export interface HttpServerDeps {
  readonly context: InnerContext
  readonly readCaller: ReadCaller
  readonly readiness: Readiness
  readonly trpcSocket: TrpcSocket
  readonly stream: StreamServer
  readonly stripeWebhook: StripeWebhook
  readonly callers: CallerPolicy
  /** What `vite build` wrote; undefined: this server has no pages but its API's. */
  readonly dashboardDir: string | undefined
  /** Sockets are sent elsewhere. */
  readonly isClosing: () => boolean
  readonly log: Logger
}

/** A client that dawdles must not hold a connection: ms for the headers, and for the whole request. */
const HEADERS_TIMEOUT_MS = 5000
const REQUEST_TIMEOUT_MS = 10_000
const HEADERS_MAX_COUNT = 64
const HEADERS_MAX_BYTES = 16 * 1024
/** How long a connection may stay without a request, ms; and how many it may carry. */
const KEEP_ALIVE_MS = 5000
const REQUESTS_MAX_PER_CONNECTION = 1000
const TRPC_PREFIX = '/trpc'

/** Everything on the one port: pages, REST, tRPC, and the upgrades to the two WebSockets. */
export function createHttpServer(deps: HttpServerDeps): Server {
  const { context, readCaller, log } = deps
  const document = createOpenApiDocument()
  const docs = createDocsPage(document)
  const dashboard = createDashboard(deps.dashboardDir)
  const handleRest = createRestHandler({ router: appRouter, context, readCaller, log })

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    setSecurityHeaders(res)
    if (hasLostHeaders(req)) throw new AppError('bad_request', TOO_MANY_HEADERS)
    // Before everything that is about browsers and our own clients: Stripe's signature is its pass.
    if (req.method === 'POST' && pathOf(req) === STRIPE_WEBHOOK_PATH) {
      return deps.stripeWebhook(req, res)
    }
    const foreign = findForeignCaller(req, deps.callers)
    if (foreign) throw new AppError('forbidden', foreign)
    setCorsHeaders(req, res)
    if (req.method === 'OPTIONS') return void res.writeHead(204).end()
    checkAnnouncedSize(req)
    const path = pathOf(req)
    if (path === TRPC_PREFIX || path.startsWith(`${TRPC_PREFIX}/`))
      return handleTrpc(req, res, path)
    if (req.method === 'GET' || req.method === 'HEAD') {
      switch (path) {
        case '/docs':
          res.setHeader('content-security-policy', docs.contentSecurityPolicy)
          return void res
            .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
            .end(docs.html)
        case '/openapi.json':
          return sendJson(res, 200, document)
        case USAGE_CSV_PATH:
          return sendUsageCsv(deps, req, res)
        case LIVENESS_PATH:
          return sendLiveness(deps.readiness, res)
        case READINESS_PATH:
          return sendReadiness(deps.readiness, res)
      }
      if (dashboard.serve(req, res, path)) return
    }
    return handleRest(req, res)
  }

  async function handleTrpc(
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
  ): Promise<void> {
    await nodeHTTPRequestHandler({
      router: appRouter,
      req,
      res,
      path: path.slice(TRPC_PREFIX.length + 1),
      maxBodySize: BODY_MAX_BYTES,
      maxBatchSize: BATCH_MAX,
      createContext: () => ({ ...context, caller: readCaller(req, res) }),
      responseMeta: ({ errors }) => {
        const waitsMs = errors.map((error) => toApiError(error).retry_after_ms ?? 0)
        const waitS = Math.ceil(Math.max(0, ...waitsMs) / 1000)
        return waitS > 0 ? { headers: { 'retry-after': String(waitS) } } : {}
      },
      onError: ({ error }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error }, 'call failed')
      },
    })
  }

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (hasLostHeaders(req)) return refuseUpgrade(socket, 'bad_request', TOO_MANY_HEADERS)
    if (!/\bwebsocket\b/i.test(req.headers.upgrade ?? '')) {
      return declineUpgrade(server, req, socket, head)
    }
    const path = pathOf(req)
    const foreign = findForeignCaller(req, deps.callers)
    if (foreign) refuseUpgrade(socket, 'forbidden', foreign)
    else if (path === TRANSCRIBE_PATH) deps.stream.handleUpgrade(req, socket, head)
    else if (path !== TRPC_PREFIX) {
      const message = `WebSockets are at ${TRPC_PREFIX} and ${TRANSCRIBE_PATH}.`
      refuseUpgrade(socket, 'not_found', message)
    } else if (deps.isClosing()) {
      refuseUpgrade(socket, 'server_draining', 'The server is restarting. Connect again.')
    } else deps.trpcSocket.handleUpgrade(req, socket, head)
  }

  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: HEADERS_MAX_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // How often the two are enforced; Node's default is 30 s.
      connectionsCheckingInterval: 1000,
    },
    (req, res) => {
      handle(req, res).catch((error: unknown) => {
        const apiError = toApiError(error)
        if (apiError.code === 'internal') log.error({ err: error }, 'request failed')
        // What the client is still sending is not read.
        if (!req.complete) res.setHeader('connection', 'close')
        sendError(res, apiError)
      })
    },
  )
  server.maxHeadersCount = HEADERS_MAX_COUNT
  server.maxRequestsPerSocket = REQUESTS_MAX_PER_CONNECTION
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      upgrade(req, socket, head)
    } catch (error) {
      // Uncaught, one client's odd request would end the server for everybody.
      log.error({ err: error }, 'upgrade failed')
      socket.destroy()
    }
  })
  return server
}

const TOO_MANY_HEADERS = `A request has fewer than ${HEADERS_MAX_COUNT} headers.`

/**
 * From this number on, Node drops headers: one that the proxy has added behind the client's own,
 * such as `X-Forwarded-For`, or the one that tells where the body ends.
 */
function hasLostHeaders(req: IncomingMessage): boolean {
  return req.rawHeaders.length >= 2 * HEADERS_MAX_COUNT
}

function setSecurityHeaders(res: ServerResponse): void {
  res.setHeader('x-content-type-options', 'nosniff')
  res.setHeader('referrer-policy', 'no-referrer')
  res.setHeader('cache-control', 'no-store')
  res.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] ?? '/'
}
