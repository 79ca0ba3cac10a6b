import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isPassing, toShownError } from './api-error.ts'

const RETRIES_MAX = 2

/** @param onSessionEnded the server no longer accepts this browser's login */
export function createQueryClient(onSessionEnded: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (toShownError(error).code === 'unauthenticated') onSessionEnded()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < RETRIES_MAX && isPassing(error),
      },
      // Repeating what may have happened is the user's decision.
      mutations: { retry: false },
    },
  })
}
