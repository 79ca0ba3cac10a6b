import type { AppRouter } from '@saywire/server/router'
import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from '@trpc/client'
import type { TRPCClient } from '@trpc/client'

/**
 * The way to the server that this page came from. The login is a cookie that no script can read.
 * @param csrfToken proves that a request comes from this page; undefined while logged out
 */
export function createClient(csrfToken: () => string | undefined): TRPCClient<AppRouter> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = createWSClient({
    url: `${scheme}://${location.host}/trpc`,
    // Opened by the first subscription: pages without one need no socket.
    lazy: { enabled: true, closeMs: 5000 },
    keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 5000 },
    retryDelayMs: (attempt) => Math.min(500 * 2 ** attempt, 10_000) * (0.5 + Math.random() / 2),
  })
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: wsLink({ client: socket }),
        false: httpBatchLink({
          url: '/trpc',
          headers() {
            const token = csrfToken()
            return token === undefined ? {} : { 'x-csrf-token': token }
          },
        }),
      }),
    ],
  })
}
