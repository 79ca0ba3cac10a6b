import { Wordmark } from '@saywire/brand/wordmark'
import { useIsReady, useSettings } from './api/hooks.ts'
import { FirstRunScreen } from './first-run/first-run-screen.tsx'
import { LostHost } from './layout/lost-host.tsx'
import { MainWindow } from './layout/main-window.tsx'
import { Notices } from './layout/notices.tsx'

/** The whole window. */
export function App() {
  return (
    <>
      {useIsReady() ? (
        <Shown />
      ) : (
        <main className="splash" aria-busy="true">
          <h1>
            <Wordmark />
          </h1>
          <p>Starting …</p>
        </main>
      )}
      <LostHost />
    </>
  )
}

function Shown() {
  const { app } = useSettings()
  return (
    <>
      {app.firstRunDone ? <MainWindow /> : <FirstRunScreen />}
      <Notices />
    </>
  )
}
