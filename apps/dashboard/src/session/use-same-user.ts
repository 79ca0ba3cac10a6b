import { useEffect, useRef } from 'react'
import { useSession } from './use-session.ts'

/**
 * Loads the page anew when another tab has logged out, or in as somebody else: what is in memory
 * here belongs to the user before.
 */
export function useSameUser(): void {
  const { data: session } = useSession()
  const seen = useRef<string>(undefined)
  useEffect(() => {
    if (session === undefined) return
    if (seen.current !== undefined && seen.current !== session?.user.id) location.reload()
    seen.current = session?.user.id
  }, [session])
}
