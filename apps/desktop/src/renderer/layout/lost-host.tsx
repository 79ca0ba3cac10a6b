import { useSyncExternalStore } from 'react'
import { useDesktop } from '../api/hooks.ts'

/** Said while the window cannot reach the program behind it. */
export function LostHost() {
  const { isConnected } = useDesktop()
  const value = useSyncExternalStore(isConnected.subscribe, isConnected.get)
  return (
    <div role="status">
      {!value && <p className="lost-host">The connection to Saywire was lost. Reconnecting …</p>}
    </div>
  )
}
