import '@saywire/overlay/fonts'
import '@saywire/overlay/overlay.css'
import './page.css'
import { createRoot } from 'react-dom/client'
import { createClockSync } from './clock-sync.ts'
import { applyLook, limitsNow } from './look.ts'
import { OverlayPage } from './overlay-page.tsx'
import { createPaintReporter } from './paint-reporter.ts'
import { subscribe } from './subscribe.ts'

const root = createRoot(document.getElementById('root') as HTMLElement)
const clock = createClockSync()
const paints = createPaintReporter(clock)

subscribe({
  onOpen: () => document.getElementById('status')?.remove(),
  onLook: applyLook,
  onChange: (news) => {
    const limits = limitsNow(news.style)
    root.render(<OverlayPage {...news} limits={limits} onCommit={paints.committed} />)
  },
})
