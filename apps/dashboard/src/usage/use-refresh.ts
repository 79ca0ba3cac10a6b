import type { QueryKey } from '@tanstack/react-query'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLive } from '../live/live-context.ts'

/** Asks anew for what changes when a session starts or ends. */
export function useRefreshWhenSessionsChange(queryKey: QueryKey): void {
  const queryClient = useQueryClient()
  const { sessions } = useLive()
  const running = sessions?.map(({ sessionId }) => sessionId).join(' ')
  // What runs when one begins to look may have begun after the list was asked for.
  const seen = useRef('')
  const key = useRef(queryKey)
  useEffect(() => {
    if (running === undefined || running === seen.current) return
    seen.current = running
    void queryClient.invalidateQueries({ queryKey: key.current })
  }, [queryClient, running])
}
