import { useQueryClient } from '@tanstack/react-query'
import type { Outputs } from '../api/trpc.ts'
import { useTRPC } from '../api/trpc.ts'
import { navigate } from '../routing/location.ts'
import { nextPage } from '../routing/next-page.ts'

/** What follows a login or a registration: note who is logged in, then go where the user wanted. */
export function useEnter(): (session: Outputs['web']['login']) => void {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return (session) => {
    const goal = nextPage(location.search, location.origin)
    queryClient.setQueryData(trpc.web.session.queryKey(), session)
    navigate(goal, 'replace')
  }
}
