import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { SpeechSegment } from './segmenter.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000
/**
 * Audio that comes before it could have been spoken is not late, up to so much: a recording is read
 * fast. Who brings more at once is behind, and has to hurry: speech that waited for an engine.
 */
const AHEAD_MAX_MS = 15_000

/** The segments of a session that wait for their final, oldest first; one may be at the decoder. */
export interface FinalsWaiting {
  readonly count: number
  /** Their audio, ms. */
  readonly ms: number
  /** @returns to be called when the segment is decoded */
  add(segment: SpeechSegment): () => void
  /** The segment with these samples is given up. @returns its length, ms */
  drop(samples: Float32Array): number
  /** How long the oldest has waited, ms by the clock, since it came or would have been spoken. */
  readonly lagMs: number
}

/** @param now monotonic clock, ms */
export function createFinalsWaiting(now: () => number): FinalsWaiting {
  let waiting: { readonly segment: SpeechSegment; readonly sinceMs: number }[] = []
  const startedAtMs = now()
  const lengthMs = ({ samples }: SpeechSegment) => samples.length / SAMPLES_PER_MS

  function remove(samples: Float32Array): number {
    const gone = waiting.find(({ segment }) => segment.samples === samples)
    waiting = waiting.filter((each) => each !== gone)
    return gone ? lengthMs(gone.segment) : 0
  }

  return {
    get count() {
      return waiting.length
    },
    get ms() {
      return waiting.reduce((sum, { segment }) => sum + lengthMs(segment), 0)
    },
    add(segment) {
      const spokenAtMs = startedAtMs + segment.endSample / SAMPLES_PER_MS
      const sinceMs = Math.max(now(), Math.min(spokenAtMs, now() + AHEAD_MAX_MS))
      waiting.push({ segment, sinceMs })
      return () => void remove(segment.samples)
    },
    drop: remove,
    get lagMs() {
      const [oldest] = waiting
      return oldest ? Math.max(0, now() - oldest.sinceMs) : 0
    },
  }
}
