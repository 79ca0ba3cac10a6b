import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../api/trpc.ts'

/** Who is logged in here; `data` is null when nobody is. */
export function useSession() {
  const trpc = useTRPC()
  return useQuery(
    trpc.web.session.queryOptions(undefined, {
      staleTime: 5 * 60_000,
      // All tabs share one cookie, and another one may have changed it.
      refetchOnWindowFocus: 'always',
    }),
  )
}
