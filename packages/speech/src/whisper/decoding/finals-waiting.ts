import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { SpeechSegment } from './segmenter.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000

/** The segments of a session that wait for their final, oldest first; one may be at the decoder. */
export interface FinalsWaiting {
  readonly count: number
  /** Their audio, ms. */
  readonly ms: number
  /** @returns to be called when the segment is decoded */
  add(segment: SpeechSegment): () => void
  /** The segment with these samples is given up. @returns its length, ms */
  drop(samples: Float32Array): number
  /**
   * How long the oldest has waited, ms by the clock: a file that is read fast brings much audio in a
   * moment, and nothing is late because of that.
   */
  readonly lagMs: number
}

/** @param now monotonic clock, ms */
export function createFinalsWaiting(now: () => number): FinalsWaiting {
  let waiting: { readonly segment: SpeechSegment; readonly sinceMs: number }[] = []
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
      waiting.push({ segment, sinceMs: now() })
      return () => void remove(segment.samples)
    },
    drop: remove,
    get lagMs() {
      const [oldest] = waiting
      return oldest ? now() - oldest.sinceMs : 0
    },
  }
}
