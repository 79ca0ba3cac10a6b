import type { AppRouter } from '@saywire/server/router'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { createClient } from './client.ts'
import { createQueryClient } from './query-client.ts'

/**
 * The way to the server and the cache of its answers.
 * @param onSessionEnded the server no longer accepts this browser's login
 */
export function createApi(onSessionEnded: () => void) {
  const queryClient = createQueryClient(onSessionEnded)
  const client = createClient(() => queryClient.getQueryData(sessionKey)?.csrf_token)
  // The answer of `web.session` is the one place where the token is kept.
  const sessionKey = createTRPCOptionsProxy<AppRouter>({
    client,
    queryClient,
  }).web.session.queryKey()
  return { client, queryClient }
}
