import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import type { InnerContext } from '../api/context.ts'
import { appRouter } from '../api/router.ts'
import { upgradeRefusal } from './answers.ts'
import { BODY_MAX_BYTES } from './json-body.ts'

/** The router over WebSocket, for subscriptions. */
export interface TrpcSocket {
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Asks the clients to connect again elsewhere or later, then closes. */
  close(): void
}

const SOCKETS_MAX = 1000
const CLOSE_RESTARTING = 1012

export function createTrpcSocket(deps: {
  readonly context: InnerContext
  readonly log: Pick<Logger, 'error'>
}): TrpcSocket {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: BODY_MAX_BYTES,
    perMessageDeflate: false,
  })
  const handler = applyWSSHandler({
    wss,
    router: appRouter,
    keepAlive: { enabled: true },
    createContext: ({ info }) => ({ ...deps.context, token: info.connectionParams?.['token'] }),
    onError: ({ error }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') deps.log.error({ err: error }, 'call failed')
    },
  })

  return {
    handleUpgrade(req, socket, head) {
      if (wss.clients.size >= SOCKETS_MAX) {
        socket.end(upgradeRefusal('busy', 'The server has no free connection. Try again shortly.'))
        return
      }
      wss.handleUpgrade(req, socket, head, (client) => wss.emit('connection', client, req))
    },
    close() {
      handler.broadcastReconnectNotification()
      for (const client of wss.clients) client.close(CLOSE_RESTARTING)
      wss.close()
    },
  }
}
