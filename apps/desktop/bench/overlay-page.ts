import type { SpeechEvent } from '@saywire/speech'
import type { CDPSession, Page } from 'playwright-core'
import { overlayPresets } from '@saywire/overlay'
import { startOverlayServer } from '../src/overlay/overlay-server.ts'
import { launchChromium } from '../src/overlay/testing/chromium.ts'
import { speakerTo } from '../src/overlay/testing/speak.ts'

/** The real page in a real Chromium, fed by the real server. */
export interface OverlayStage {
  readonly page: Page
  readonly devtools: CDPSession
  say(...events: SpeechEvent[]): void
  /** Forgets the transcript, as a new captioning does: what grows then is the page, not we. */
  sayAnew(): void
  /** Opens the overlay of a preset by its id, or an empty page. */
  show(preset: string): Promise<void>
  /** Until the page shows these words. */
  shows(text: string): Promise<void>
  close(): Promise<void>
}

export async function openOverlay(): Promise<OverlayStage> {
  const overlays = overlayPresets.map(({ id, style }) => ({ name: id, style }))
  const overlay = await startOverlayServer({ port: 0, overlays })
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  const devtools = await page.context().newCDPSession(page)
  let speak = speakerTo(overlay.sink)
  return {
    page,
    devtools,
    say: (...events) => speak(...events),
    sayAnew: () => (speak = speakerTo(overlay.sink)),
    async show(preset) {
      await page.goto(preset === 'empty' ? `${overlay.url}clock` : overlay.urlOf(preset))
    },
    async shows(text) {
      await page.evaluate(`new Promise((resolve) => {
        const look = () => {
          const shown = document.querySelector('#captions')?.textContent ?? ''
          shown.endsWith(${JSON.stringify(text)}) ? resolve() : requestAnimationFrame(look)
        }
        look()
      })`)
    },
    async close() {
      await browser.close()
      await overlay.close()
    },
  }
}
