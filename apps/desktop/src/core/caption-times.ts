import type { SpeechEvent } from '@saywire/speech'
import type { EngineClock } from './engine-clock.ts'

/** What is lost between two frames is shorter. */
const LONG_GAP_MS = 500

/**
 * An engine's event on the capture clock.
 * @param baseMs audio time of the first sample that the engine was given, whole ms
 */
export function onCaptureClock<Event extends SpeechEvent>(
  event: Event,
  baseMs: number,
  clock: EngineClock,
): Event {
  const from = (ms: number) => clock.startToCaptureMs(baseMs + ms)
  const to = (ms: number) => clock.endToCaptureMs(baseMs + ms)
  /** Nobody says half a word, is muted, and says the rest: it is before the gap or behind it. */
  function beside({ startMs, endMs }: Span, isFirst: boolean): Span {
    const gapMs = clock.gapsBetween(baseMs + startMs, baseMs + endMs, LONG_GAP_MS).at(-1)
    if (gapMs === undefined || gapMs - baseMs === endMs) return { startMs, endMs }
    const atMs = gapMs - baseMs
    return isFirst || endMs - atMs > atMs - startMs
      ? { startMs: atMs, endMs }
      : { startMs, endMs: atMs }
  }

  switch (event.type) {
    case 'interim':
    case 'final': {
      const words = event.words.map((word, index) => {
        return { ...word, ...span(beside(word, index === 0), from, to) }
      })
      return { ...event, words, ...span(event, from, to) }
    }
    case 'utterance-end':
      return { ...event, lastWordEndMs: to(event.lastWordEndMs) }
    case 'speech-started':
      return { ...event, atMs: from(event.atMs) }
    case 'usage':
    case 'receipt':
    case 'credits-low':
    case 'reconnecting':
    case 'recovered':
    case 'error':
      return event
  }
}

interface Span {
  readonly startMs: number
  readonly endMs: number
}

function span(
  { startMs, endMs }: Span,
  from: (ms: number) => number,
  to: (ms: number) => number,
): Span {
  const start = from(startMs)
  // Something without a length, at a gap, would end before it begins.
  return { startMs: start, endMs: Math.max(start, to(endMs)) }
}
