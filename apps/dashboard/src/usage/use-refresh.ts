import type { QueryKey } from '@tanstack/react-query'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLive } from '../live/live-context.ts'

/** Asks anew for what changes when a session starts or ends. */
export function useRefreshWhenSessionsChange(queryKey: QueryKey): void {
  const queryClient = useQueryClient()
  const { sessions } = useLive()
  const running = sessions?.map(({ sessionId }) => sessionId).join(' ')
  const seen = useRef(running)
  const key = useRef(queryKey)
  useEffect(() => {
    // The first state says what runs, not that anything changed.
    const hasChanged = seen.current !== undefined && seen.current !== running
    seen.current = running
    if (hasChanged) void queryClient.invalidateQueries({ queryKey: key.current })
  }, [queryClient, running])
}
