import type { CaptionState } from '@saywire/overlay'
import type { PaintReport } from './overlay-messages.ts'

/** Events that a page may still report. */
const EVENTS_MAX = 256

/** Names the engine event whose words a caption shows. */
export interface CaptionKey {
  readonly type: 'interim' | 'final'
  /** End of its words on the capture clock, ms. */
  readonly endMs: number
}

/** An overlay page has painted a caption. */
export interface Paint {
  /** The newest caption of what was painted. */
  readonly captionKey: CaptionKey
  /** On the clock of `performance.now()` in this process, ms; at most a frame late. */
  readonly paintedAtMs: number
  /** How far `paintedAtMs` may be off, ms. */
  readonly uncertaintyMs: number
}

export interface PaintLog {
  /** Remembers what an event showed, and when it was sent. */
  published(eventId: string, captions: CaptionState, atMs: number): void
  /** Hands on what may be true: an event of ours, painted between its sending and now. */
  report(report: PaintReport, nowMs: number): void
}

/** Turns pages' reports into paints of captions. */
export function createPaintLog(onPaint: (paint: Paint) => void): PaintLog {
  const events = new Map<string, { readonly captionKey: CaptionKey; readonly atMs: number }>()

  return {
    published(eventId, captions, atMs) {
      const captionKey = newestCaption(captions)
      if (!captionKey) return
      events.set(eventId, { captionKey, atMs })
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
        onPaint({ captionKey: event.captionKey, paintedAtMs, uncertaintyMs })
      }
    },
  }
}

function newestCaption({ lines, interim }: CaptionState): CaptionKey | undefined {
  if (interim) return { type: 'interim', endMs: interim.endMs }
  const line = lines.at(-1)
  return line && { type: 'final', endMs: line.endMs }
}
