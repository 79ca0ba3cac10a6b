import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import type { TRPCClient } from '@trpc/client'
import { WebSocket } from 'ws'
import type { AppRouter } from '../api/router.ts'

/** The API over a WebSocket, as a program uses it. */
export interface TestTrpcClient {
  readonly trpc: TRPCClient<AppRouter>
  /** Every socket so far, the oldest first: it connects again by itself. */
  readonly sockets: readonly WebSocket[]
  close(): Promise<void>
}

/**
 * @param url of the server
 * @param token access token; undefined: nobody's
 */
export function connectTrpc(url: string, token?: string): TestTrpcClient {
  const sockets: WebSocket[] = []
  class RecordedSocket extends WebSocket {
    constructor(address: string) {
      super(address)
      sockets.push(this)
    }
  }
  const client = createWSClient({
    url: `${url.replace('http', 'ws')}/trpc`,
    WebSocket: RecordedSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: token === undefined ? null : { token },
    retryDelayMs: () => 10,
  })
  return {
    trpc: createTRPCClient<AppRouter>({ links: [wsLink({ client })] }),
    sockets,
    close: async () => client.close(),
  }
}
