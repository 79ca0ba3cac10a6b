import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import type { CaptionView, DesktopState, LevelView } from '../../api/desktop-state.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Interim } from './captions-store.ts'
import type { Desktop, DesktopClient } from './desktop.ts'

export const DesktopContext = createContext<Desktop | undefined>(undefined)

export function useDesktop(): Desktop {
  const desktop = use(DesktopContext)
  if (!desktop) throw new Error('outside of DesktopContext')
  return desktop
}

export function useClient(): DesktopClient {
  return useDesktop().client
}

/** The host's state; the app is shown once the first one came. */
export function useDesktopState(): DesktopState {
  const { state } = useDesktop()
  const value = useSyncExternalStore(state.subscribe, state.get)
  if (!value) throw new Error('shown before the first state')
  return value
}

/** The settings; the app is shown once they came. */
export function useSettings(): Settings {
  const { settings } = useDesktop()
  const value = useSyncExternalStore(settings.subscribe, settings.get)
  if (!value) throw new Error('shown before the settings')
  return value
}

/** Whether the host told enough to show the app. */
export function useIsReady(): boolean {
  const { state, settings } = useDesktop()
  const hasState = useSyncExternalStore(state.subscribe, () => state.get() !== undefined)
  const hasSettings = useSyncExternalStore(settings.subscribe, () => settings.get() !== undefined)
  return hasState && hasSettings
}

/** Renders with finals only: interim text comes many times a second. */
export function useFinals(): readonly CaptionView[] {
  const { captions } = useDesktop()
  return useSyncExternalStore(captions.subscribe, () => captions.get().finals)
}

export function useInterim(): Interim {
  const { captions } = useDesktop()
  return useSyncExternalStore(captions.subscribe, () => captions.get().interim)
}

/** Calls about 20 times a second, past React: what it does must be cheap. */
export function useLevel(onLevel: (level: LevelView) => void): void {
  const client = useClient()
  const tell = useEffectEvent(onLevel)
  useEffect(() => {
    const subscription = client.microphone.onLevel.subscribe(undefined, {
      onData: (level: LevelView) => tell(level),
    })
    return () => subscription.unsubscribe()
  }, [client])
}
