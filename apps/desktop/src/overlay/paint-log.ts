import type { CaptionState } from '@saywire/overlay'
import type { PaintedCaption } from '../core/latency.ts'
import type { PaintReport } from './paint-report.ts'

/** Events that a page may still report. */
const EVENTS_MAX = 256

export interface PaintLog {
  /** Remembers what an event showed, and when it was sent. */
  published(eventId: string, captions: CaptionState, atMs: number): void
  /**
   * Hands on what may be true: an event of ours, painted between its sending and now. Of what was
   * painted, the newest caption is named.
   */
  report(report: PaintReport, nowMs: number): void
}

type CaptionKey = Pick<PaintedCaption, 'kind' | 'endMs'>

/** Turns pages' reports into paints of captions. */
export function createPaintLog(onPaint: (paint: PaintedCaption) => void): PaintLog {
  const events = new Map<string, { readonly newest: CaptionKey; readonly atMs: number }>()

  return {
    published(eventId, captions, atMs) {
      const newest = newestCaption(captions)
      if (!newest) return
      events.set(eventId, { newest, atMs })
      for (const oldest of events.keys()) {
        if (events.size <= EVENTS_MAX) break
        events.delete(oldest)
      }
    },

    report({ paints }, nowMs) {
      for (const { eventId, paintedAtMs, uncertaintyMs } of paints) {
        const event = events.get(eventId)
        if (!event) continue
        if (paintedAtMs + uncertaintyMs < event.atMs) continue
        if (paintedAtMs - uncertaintyMs > nowMs) continue
        onPaint({ ...event.newest, paintedAtMs, uncertaintyMs })
      }
    },
  }
}

function newestCaption({ lines, interim }: CaptionState): CaptionKey | undefined {
  if (interim) return { kind: 'interim', endMs: interim.endMs }
  const line = lines.at(-1)
  return line && { kind: 'final', endMs: line.endMs }
}
