import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { CrashPage } from './pages/crash-page.tsx'
import './styles/index.css'

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no #root')
const root = createRoot(element, {
  // React has taken everything down by now; a later task may put something else there.
  onUncaughtError: (error) => {
    reportError(error)
    setTimeout(() => root.render(<CrashPage />))
  },
})
root.render(
  <StrictMode>
    <App />
  </StrictMode>,
)
