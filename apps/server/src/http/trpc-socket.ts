import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { InnerContext } from '../api/context.ts'
import { appRouter } from '../api/router.ts'
import type { StreamLimits } from '../stream/stream-limits.ts'
import { createWaitingRoom } from '../stream/waiting-room.ts'
import { refuseUpgrade } from './answers.ts'
import { BODY_MAX_BYTES } from './json-body.ts'

/** The router over WebSocket, for subscriptions. */
export interface TrpcSocket {
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Asks the clients to connect again elsewhere or later, then closes. */
  close(): void
}

const SOCKETS_MAX = 1000
/** Time for the calls that need no login; a socket without one has nothing else to do here. */
const ANONYMOUS_MS = 30_000
/** A peer that does not answer a close within this time is cut off. */
const CLOSE_ANSWER_MS = 1000
const CLOSE_RESTARTING = 1012
const CLOSE_AUTH_TIMEOUT = 4408

/**
 * Sockets without a valid token wait under the same bounds as those of the audio WebSocket, and
 * not for long: silent ones must not keep out the users.
 */
export function createTrpcSocket(deps: {
  readonly context: InnerContext
  readonly limits: Pick<
    StreamLimits,
    'authTimeoutMs' | 'unauthenticatedMax' | 'unauthenticatedMaxPerIp'
  >
  readonly log: Pick<Logger, 'error'>
}): TrpcSocket {
  const { context, limits } = deps
  const waitingRoom = createWaitingRoom(limits.unauthenticatedMax, limits.unauthenticatedMaxPerIp)
  /** What is to be done once a socket has introduced itself. */
  const introductions = new WeakMap<WebSocket, (isKnown: boolean) => void>()
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
    keepAlive: { enabled: true },
    createContext: async ({ res, info }) => {
      const token = info.connectionParams?.['token']
      const user = token === undefined ? undefined : await context.accessTokens.verify(token)
      introductions.get(res)?.(user !== undefined)
      return { ...context, token }
    },
    onError: ({ error }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') deps.log.error({ err: error }, 'call failed')
    },
  })

  function admit(client: WebSocket, leaveWaitingRoom: () => void): void {
    const expire = (): void => client.close(CLOSE_AUTH_TIMEOUT, 'auth timeout')
    let deadline = setTimeout(expire, limits.authTimeoutMs)
    client.once('close', () => clearTimeout(deadline))
    introductions.set(client, (isKnown) => {
      clearTimeout(deadline)
      if (isKnown) leaveWaitingRoom()
      else deadline = setTimeout(expire, ANONYMOUS_MS).unref()
    })
  }

  return {
    handleUpgrade(req, socket, head) {
      const seat = waitingRoom.enter(req.socket.remoteAddress ?? '')
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
      for (const client of wss.clients) client.close(CLOSE_RESTARTING)
      wss.close()
    },
  }
}
