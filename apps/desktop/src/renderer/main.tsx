// First: schemas look at it when they are made.
import './no-eval.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createDesktop } from './api/desktop.ts'
import { DesktopContext } from './api/hooks.ts'
import { openRpcChannel } from './api/rpc-channel.ts'
import { App } from './app.tsx'
import { CrashScreen } from './layout/crash-screen.tsx'
import './styles/index.css'

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no #root')
const desktop = createDesktop(openRpcChannel())

navigator.mediaDevices?.addEventListener('devicechange', () => {
  // Only a hint: the host looks by itself, too.
  desktop.client.microphone.hint.mutate().catch(() => undefined)
})

const root = createRoot(element, {
  // React has taken everything down by now; a later task may put something else there.
  onUncaughtError: (error) => {
    reportError(error)
    setTimeout(() => root.render(<CrashScreen />))
  },
})
root.render(
  <StrictMode>
    <DesktopContext value={desktop}>
      <App />
    </DesktopContext>
  </StrictMode>,
)
