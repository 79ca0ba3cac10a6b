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
  /**
   * @param onGivenUp called where it is dropped, once those before it have their finals
   * @returns to be called when the segment's final was sent
   */
  add(segment: SpeechSegment, onGivenUp: () => void): () => void
  /** The segment with these samples is given up. @returns its length, ms */
  drop(samples: Float32Array): number
  /** How long the oldest has waited, ms by the clock, since it came or would have been spoken. */
  readonly lagMs: number
}

interface Waiting {
  readonly segment: SpeechSegment
  readonly sinceMs: number
  readonly onGivenUp: () => void
  /** What those behind it that were given up have to say after its final. */
  readonly after: (() => void)[]
}

/** @param now monotonic clock, ms */
export function createFinalsWaiting(now: () => number): FinalsWaiting {
  const waiting: Waiting[] = []
  const startedAtMs = now()
  const lengthMs = ({ samples }: SpeechSegment) => samples.length / SAMPLES_PER_MS

  function take(samples: Float32Array) {
    const at = waiting.findIndex(({ segment }) => segment.samples === samples)
    const before = waiting[at - 1]
    const [gone] = at < 0 ? [] : waiting.splice(at, 1)
    return { gone, before }
  }

  function end(samples: Float32Array): void {
    for (const say of take(samples).gone?.after ?? []) say()
  }

  function drop(samples: Float32Array): number {
    const { gone, before } = take(samples)
    if (!gone) return 0
    const news = [gone.onGivenUp, ...gone.after]
    if (before) before.after.push(...news)
    else for (const say of news) say()
    return lengthMs(gone.segment)
  }

  return {
    get count() {
      return waiting.length
    },
    get ms() {
      return waiting.reduce((sum, { segment }) => sum + lengthMs(segment), 0)
    },
    add(segment, onGivenUp) {
      const spokenAtMs = startedAtMs + segment.endSample / SAMPLES_PER_MS
      const sinceMs = Math.max(now(), Math.min(spokenAtMs, now() + AHEAD_MAX_MS))
      waiting.push({ segment, sinceMs, onGivenUp, after: [] })
      return () => end(segment.samples)
    },
    drop,
    get lagMs() {
      const [oldest] = waiting
      return oldest ? Math.max(0, now() - oldest.sinceMs) : 0
    },
  }
}
