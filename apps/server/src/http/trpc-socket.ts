import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { CLOSE_AUTH_TIMEOUT, CLOSE_CODE_BY_ERROR } from '@saywire/protocol'
import { createTokenBucket } from '@saywire/speech'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { LoginWatch } from '../accounts/login-watch.ts'
import type { InnerContext } from '../api/context.ts'
import { identify } from '../api/identify.ts'
import { appRouter } from '../api/router.ts'
import { AppError } from '../app-error.ts'
import type { Metrics } from '../operations/metrics.ts'
import { trailOf } from '../operations/request-log.ts'
import type { StreamLimits } from '../stream/stream-limits.ts'
import { createTally } from '../stream/tally.ts'
import type { WaitingRoom } from '../stream/waiting-room.ts'
import { refuseUpgrade } from './answers.ts'
import type { ReadCaller } from './caller.ts'
import { BATCH_MAX, BODY_MAX_BYTES } from './json-body.ts'

/** The router over WebSocket, for subscriptions. */
export interface TrpcSocket {
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Asks the clients to connect again elsewhere or later, then closes. */
  close(): void
}

const SOCKETS_MAX = 1000
/** Nobody has so many tabs and programs open; one user must not take the places of all. */
const SOCKETS_MAX_PER_USER = 20
/** Time for the calls that need no login; a socket without one has nothing else to do here. */
const ANONYMOUS_MS = 30_000
/** A page asks a few things as it opens and then waits: each message may cost a query, or several. */
const MESSAGE_RATE = { burst: 200, perMs: 20 / 1000 }
/** A peer that does not answer a close within this time is cut off. */
const CLOSE_ANSWER_MS = 1000

/**
 * Sockets without a valid token wait under the same bounds as those of the audio WebSocket, and
 * not for long: silent ones must not keep out the users.
 */
export function createTrpcSocket(deps: {
  readonly context: InnerContext
  readonly readCaller: ReadCaller
  readonly waitingRoom: WaitingRoom
  readonly limits: Pick<StreamLimits, 'authTimeoutMs'>
  readonly loginWatch: LoginWatch
  readonly metrics: Metrics
  readonly log: Pick<Logger, 'error'>
}): TrpcSocket {
  const { context, limits, waitingRoom } = deps
  /** What is to be done once a socket has introduced itself. */
  const introductions = new WeakMap<WebSocket, (userId: string | undefined) => void>()
  /** By user. */
  const sockets = createTally()
  /** Sockets whose login is watched already. */
  const watched = new WeakSet<WebSocket>()
  const options = {
    noServer: true,
    maxPayload: BODY_MAX_BYTES,
    perMessageDeflate: false,
    // Not yet in the types of ws, which would refuse it in a literal.
    closeTimeout: CLOSE_ANSWER_MS,
  }
  const wss = new WebSocketServer(options)
  const handler = applyWSSHandler({
    wss,
    router: appRouter,
    maxBatchSize: BATCH_MAX,
    keepAlive: { enabled: true },
    createContext: async ({ req, res, info }) => {
      const claims = deps.readCaller(req)
      const caller = { ...claims, token: info.connectionParams?.['token'] ?? claims.token }
      const known = await identify({ ...context, caller })
      introductions.get(res)?.(known?.userId)
      if (known?.loginId !== undefined) watchLogin(res, known.loginId)
      return { ...context, caller }
    },
    onError: ({ error, req, type }) => {
      // Of no call: a client that breaks the protocol, or is cut off. Its own affair.
      if (type === 'unknown' || error.code !== 'INTERNAL_SERVER_ERROR') return
      const { log } = trailOf(req) ?? deps
      log.error({ err: error }, 'call failed')
    },
  })

  deps.metrics.watch('saywire_sockets', () => wss.clients.size, { kind: 'trpc' })
  wss.on('headers', (headers, req) => headers.push(...(trailOf(req)?.upgraded() ?? [])))

  function admit(client: WebSocket, leaveWaitingRoom: () => void): void {
    const expire = (): void => client.close(CLOSE_AUTH_TIMEOUT, 'auth timeout')
    let deadline = setTimeout(expire, limits.authTimeoutMs)
    client.once('close', () => clearTimeout(deadline))
    const rate = createTokenBucket(performance.now(), MESSAGE_RATE)
    client.on('message', () => {
      if (rate.take(1, performance.now())) return
      client.close(CLOSE_CODE_BY_ERROR.too_fast, 'too many messages')
      // What is on its way is not read any more.
      client.terminate()
    })
    introductions.set(client, (userId) => {
      clearTimeout(deadline)
      if (userId === undefined) deadline = setTimeout(expire, ANONYMOUS_MS).unref()
      else {
        leaveWaitingRoom()
        countSocket(client, userId)
      }
    })
  }

  function countSocket(client: WebSocket, userId: string): void {
    // Whoever left while being looked up is not there to leave again.
    if (client.readyState !== client.OPEN) return
    if (sockets.of(userId) >= SOCKETS_MAX_PER_USER) {
      client.close(
        CLOSE_CODE_BY_ERROR.too_many_connections,
        'too many connections of this user: close some',
      )
      throw new AppError('rate_limited', 'You have too many pages open: close some of them.')
    }
    client.once('close', sockets.add(userId))
  }

  /** What a socket subscribes to would outlive the login that it is served because of. */
  function watchLogin(client: WebSocket, loginId: string): void {
    // A socket that has gone meanwhile would be watched for ever.
    if (client.readyState !== client.OPEN || watched.has(client)) return
    watched.add(client)
    const end = (): void =>
      client.close(CLOSE_CODE_BY_ERROR.unauthenticated, 'this login has ended')
    client.once('close', deps.loginWatch.watch(loginId, end))
  }

  return {
    handleUpgrade(req, socket, head) {
      const seat = waitingRoom.enter(deps.readCaller(req).address)
      if (!seat || wss.clients.size >= SOCKETS_MAX) {
        seat?.leave()
        refuseUpgrade(socket, 'busy', 'The server has no free connection. Try again shortly.')
        return
      }
      // An upgrade that ws refuses closes the socket without ever calling back.
      socket.once('close', seat.leave)
      wss.handleUpgrade(req, socket, head, (client) => {
        admit(client, seat.leave)
        wss.emit('connection', client, req)
      })
    },
    close() {
      handler.broadcastReconnectNotification()
      for (const client of wss.clients) client.close(CLOSE_CODE_BY_ERROR.server_draining)
      wss.close()
    },
  }
}
