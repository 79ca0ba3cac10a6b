import { bytesToMs } from '@saywire/speech'
import type { AudioListener, GapReason } from '../core/ports.ts'

/**
 * Frames come late, never early. What is remembered of an early one fades by this much per ms, so
 * that two clocks which do not run quite alike never drift apart.
 */
const FADE = 1.001

export interface Timeline {
  /** Something was captured. */
  readonly begun: boolean
  /** Audio stops coming; what comes next comes after a gap for this reason. */
  interrupt(reason: GapReason): void
  audio(pcm: Uint8Array): void
  /** Audio of this length was captured, and is not here for this reason. */
  missing(durationMs: number, reason: GapReason): void
}

/**
 * Where the audio stands in time: reports what an interruption cost before it goes on.
 * @param now monotonic clock, ms
 */
export function createTimeline(
  listener: Pick<AudioListener, 'onAudio' | 'onGap'>,
  now: () => number,
): Timeline {
  /** When the last audio would have come, had nothing held it up. */
  let punctualMs: number | undefined
  let interruption: GapReason | undefined

  function advance(durationMs: number): void {
    const nowMs = now()
    if (interruption && punctualMs !== undefined) {
      const gapMs = Math.round(nowMs - punctualMs - durationMs)
      if (gapMs > 0) listener.onGap(gapMs, interruption)
      punctualMs = nowMs
    } else punctualMs = Math.min(nowMs, (punctualMs ?? nowMs) + durationMs * FADE)
    interruption = undefined
  }

  return {
    get begun() {
      return punctualMs !== undefined
    },
    interrupt(reason) {
      interruption = reason
    },
    audio(pcm) {
      advance(bytesToMs(pcm.byteLength))
      listener.onAudio(pcm)
    },
    missing(durationMs, reason) {
      advance(durationMs)
      listener.onGap(durationMs, reason)
    },
  }
}
