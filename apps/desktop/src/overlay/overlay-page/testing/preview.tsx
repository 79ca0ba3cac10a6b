import '@saywire/overlay/fonts'
import { defaultStyle } from '@saywire/overlay'
import { OverlayPreview } from '@saywire/overlay/react'
import { createRoot } from 'react-dom/client'

/** Everything that custom CSS could try on the page around it. */
const HOSTILE_CSS = `
  @import '/stolen.css';
  :root, html, body { --caption-color: rgb(1, 2, 3); background: rgb(255, 0, 0); }
  p, #outside { display: none !important; }
  :host { position: fixed !important; inset: 0 !important; z-index: 9999 !important; }
  #stage { position: fixed; top: -500px; left: -500px; width: 5000px; height: 5000px; }
  .line { font-size: 40px; }
`

createRoot(document.getElementById('frame') as HTMLElement).render(
  <OverlayPreview style={{ ...defaultStyle, customCss: HOSTILE_CSS }} isPaused />,
)
