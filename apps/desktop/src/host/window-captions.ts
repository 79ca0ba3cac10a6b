import type { InterimEvent } from '@saywire/speech'
import { committedText } from '@saywire/speech'
import type { CaptionMessage, CaptionView } from '../api/desktop-state.ts'
import type { CaptionSink } from '../core/ports.ts'

/** Captions that a window can scroll back through; all of them are in the caption files. */
const CAPTIONS_MAX = 2000

export interface WindowCaptions {
  /** A sink for one session. `isFallback` says which engine speaks now. */
  openSink(isFallback: () => boolean): CaptionSink
  snapshot(): Extract<CaptionMessage, { type: 'snapshot' }>
  /** @returns stops it */
  onMessage(listener: (message: CaptionMessage) => void): () => void
  clear(): void
}

/** The last captions of this run of the app, over all its sessions. */
export function createWindowCaptions(): WindowCaptions {
  const listeners = new Set<(message: CaptionMessage) => void>()
  let captions: CaptionView[] = []
  let interim = ''
  let settledChars = 0
  let nextId = 1

  function tell(message: CaptionMessage): void {
    for (const listener of listeners) listener(message)
  }

  function showInterim(event: InterimEvent | undefined): void {
    const text = event?.text ?? ''
    const settled = event ? committedText(event).length : 0
    if (text === interim && settled === settledChars) return
    interim = text
    settledChars = settled
    tell({ type: 'interim', text, ...settledPart() })
  }

  const settledPart = () => (settledChars === 0 ? undefined : { settledChars })

  function add(caption: CaptionView): void {
    captions.push(caption)
    // Cut in bulk, so that a long session does not copy two thousand lines for each new one.
    if (captions.length > CAPTIONS_MAX * 1.1) captions = captions.slice(-CAPTIONS_MAX)
    tell({ type: 'final', caption })
  }

  const snapshot = () => ({
    type: 'snapshot' as const,
    captions: captions.slice(-CAPTIONS_MAX),
    interim,
    ...settledPart(),
  })

  return {
    openSink(isFallback) {
      let horizonMs = -1
      return {
        onEvent(event, transcript) {
          // A final that ends where words are final already is a repetition.
          if (event.type === 'final' && event.endMs > horizonMs) {
            horizonMs = event.endMs
            const { text, startMs, endMs } = event
            if (text !== '') add({ id: nextId++, text, startMs, endMs, isFallback: isFallback() })
          }
          showInterim(transcript.interim)
        },
        async close() {
          showInterim(undefined)
        },
      }
    },
    snapshot,
    onMessage(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    clear() {
      captions = []
      tell(snapshot())
    },
  }
}
