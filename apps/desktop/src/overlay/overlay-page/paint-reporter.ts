import { PAINTS_MAX } from '../overlay-messages.ts'
import type { PaintReport } from '../paint-report.ts'
import type { ClockSync } from './clock-sync.ts'

/** Reports are sent this often at most. */
const REPORT_EVERY_MS = 500
/** One that is not answered by then is given up. */
const REPORT_TIMEOUT_MS = 5000

export interface PaintReporter {
  /** The event's words are in the document now. */
  committed(eventId: string): void
}

/**
 * Tells the server when events were on screen. The frame that shows them begins with the next
 * animation frame and has been drawn by the one after that: so the time told is at most one frame
 * late. A page that nobody sees paints nothing and tells nothing.
 */
export function createPaintReporter(clock: ClockSync): PaintReporter {
  let waiting: PaintReport['paints'] = []
  let newest: string | undefined
  let isSending = false

  setInterval(() => void send(), REPORT_EVERY_MS)
  document.addEventListener('visibilitychange', () => (newest = undefined))

  function painted(eventId: string): void {
    const { offset } = clock
    if (!offset || waiting.length >= PAINTS_MAX) return
    const { aheadMs, uncertaintyMs } = offset
    waiting.push({ eventId, paintedAtMs: performance.now() + aheadMs, uncertaintyMs })
  }

  /** One at a time: on a busy machine a second connection may be quicker than the first. */
  async function send(): Promise<void> {
    if (waiting.length === 0 || isSending) return
    const body = JSON.stringify({ paints: waiting } satisfies PaintReport)
    waiting = []
    const headers = { 'content-type': 'application/json' }
    isSending = true
    // What is lost with a connection is a measurement, not a caption.
    const signal = AbortSignal.timeout(REPORT_TIMEOUT_MS)
    await fetch('/painted', { method: 'POST', headers, body, signal }).catch(() => undefined)
    isSending = false
  }

  return {
    committed(eventId) {
      if (document.hidden) return
      newest = eventId
      requestAnimationFrame(() => {
        // Superseded before it could be drawn, or hidden meanwhile.
        if (newest !== eventId) return
        requestAnimationFrame(() => painted(eventId))
      })
    },
  }
}
