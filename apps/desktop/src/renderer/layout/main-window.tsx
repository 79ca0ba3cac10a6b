import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { CaptionsScreen } from '../captions/captions-screen.tsx'
import { HistoryScreen } from '../history/history-screen.tsx'
import { SettingsScreen } from '../settings/settings-screen.tsx'
import { useShortcuts } from './shortcuts.ts'
import { TopBar } from './top-bar.tsx'
import type { View } from './view.ts'
import { GoContext } from './view.ts'

const TITLES = { captions: 'Captions', history: 'History', settings: 'Settings' } as const

/** The bar with the views, and the view that was chosen. */
export function MainWindow() {
  const client = useClient()
  const { session } = useDesktopState()
  const [view, setView] = useState<View>({ name: 'captions' })
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  const go = useCallback((next: View) => setView(next), [])

  useEffect(() => {
    document.title = `${TITLES[view.name]} · Saywire`
    // The window opens with the focus nowhere; afterwards it follows to the new view.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [view.name])

  useShortcuts({
    toggle: () => {
      if (session.isRunning || session.startBlockers.length === 0) {
        // Why not is shown as the state.
        client.session.toggle.mutate().catch(() => undefined)
      }
    },
    mute: () => void client.session.mute.mutate({ muted: !session.isMuted }),
    captions: () => go({ name: 'captions' }),
    history: () => go({ name: 'history' }),
    settings: () => go({ name: 'settings', section: 'transcription' }),
  })

  return (
    <GoContext value={go}>
      <div className="window">
        <a className="skip-link" href="#main">
          Skip to the content
        </a>
        <TopBar current={view.name} />
        <main ref={main} id="main" className="view" tabIndex={-1} aria-label={TITLES[view.name]}>
          {view.name === 'captions' && <CaptionsScreen />}
          {view.name === 'history' && <HistoryScreen />}
          {view.name === 'settings' && <SettingsScreen section={view.section} />}
        </main>
      </div>
    </GoContext>
  )
}
