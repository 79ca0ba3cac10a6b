import { BYTES_PER_MS } from '@saywire/protocol'
import type { SpeechActivity } from './audio/speech-activity.ts'
import { createSpeechActivity } from './audio/speech-activity.ts'

export interface WatchdogLimits {
  /**
   * Speech without a result, in ms of audio that holds speech and in ms of the clock, after which
   * an engine is silent. `Infinity` for an engine that may take as long as it likes.
   */
  readonly silentAfterMs: number
  /** An engine that takes none of the audio that waits for it, for this long, is stuck. */
  readonly stuckAfterMs: number
}

export type WatchdogVerdict = 'silent' | 'stuck'

/**
 * Finds the engine whose socket is open and which is dead nevertheless. Pure: every call carries
 * the time (monotonic clock, ms).
 */
export interface EngineWatchdog {
  /**
   * Audio that is new to the session was handed to the engine, or kept for the one that is being
   * opened. Not what a replacement hears again: over the same audio it may be as silent as the one
   * before it, because there are no words in it.
   */
  wrote(pcm: Uint8Array, nowMs: number): void
  /** The engine gave a result, be it an empty one. */
  heard(nowMs: number): void
  /**
   * To be called about once a second. A verdict is given once; what follows it is measured anew.
   * @param bufferedMs audio that the engine has not taken yet
   */
  check(bufferedMs: number, nowMs: number): WatchdogVerdict | undefined
}

export const defaultWatchdogLimits: WatchdogLimits = { silentAfterMs: 8000, stuckAfterMs: 3000 }

/** The detector follows the noise of a room by steps of one frame of the capture. */
const FRAME_MS = 20
const FRAME_BYTES = FRAME_MS * BYTES_PER_MS
/**
 * Audio without speech takes back half its length of what was counted. Continuous talk holds speech
 * in well over half of its time, and counts up; knocks, keys and a slamming door hold "speech" in
 * less than a third, and never add up, however long nobody says a word.
 */
const PAUSE_WEIGHT = 0.5
/**
 * Music and babble do look like speech all the time, and the best of engines finds no words in
 * them. So each replacement that changes nothing doubles what the next one needs, up to this many
 * times the limit, until a result shows that there was something to be heard.
 */
const PATIENCE_MAX = 32
/** What a working engine always has on its way: packing, a network's hiccup. */
const BACKLOG_MIN_MS = 500

export function createEngineWatchdog(
  limits: Partial<WatchdogLimits> = {},
  detector: SpeechActivity = createSpeechActivity(),
): EngineWatchdog {
  const { silentAfterMs, stuckAfterMs } = { ...defaultWatchdogLimits, ...limits }
  let patience = 1
  let unansweredMs = 0
  /** When the oldest speech that has no answer was written. */
  let unansweredSinceMs: number | undefined
  let writtenMs = 0
  let takenMs = 0
  let movedAtMs: number | undefined
  let checkedAtMs: number | undefined

  function hear(frame: Uint8Array, nowMs: number): void {
    const frameMs = frame.byteLength / BYTES_PER_MS
    writtenMs += frameMs
    if (silentAfterMs === Infinity) return
    if (detector.hear(frame)) {
      unansweredMs += frameMs
      unansweredSinceMs ??= nowMs
    } else {
      unansweredMs = Math.max(0, unansweredMs - PAUSE_WEIGHT * frameMs)
      if (unansweredMs === 0) unansweredSinceMs = undefined
    }
  }

  function forgetSpeech(): void {
    unansweredMs = 0
    unansweredSinceMs = undefined
  }

  function isStuck(bufferedMs: number, nowMs: number): boolean {
    const taken = writtenMs - bufferedMs
    // Not whether the backlog shrinks: under a steady stream it may stay as it is, and yet flow.
    if (Math.abs(taken - takenMs) >= FRAME_MS || bufferedMs <= BACKLOG_MIN_MS) {
      takenMs = taken
      movedAtMs = nowMs
    }
    return nowMs - (movedAtMs ?? nowMs) >= stuckAfterMs
  }

  function isSilent(nowMs: number): boolean {
    const neededMs = silentAfterMs * patience
    // Both clocks: a backlog is written in no time, and takes time to be answered.
    return unansweredMs >= neededMs && nowMs - (unansweredSinceMs ?? nowMs) >= neededMs
  }

  return {
    wrote(pcm, nowMs) {
      for (let at = 0; at < pcm.byteLength; at += FRAME_BYTES) {
        hear(pcm.subarray(at, at + FRAME_BYTES), nowMs)
      }
    },
    heard() {
      patience = 1
      forgetSpeech()
    },
    check(bufferedMs, nowMs) {
      const wasFrozen = nowMs - (checkedAtMs ?? nowMs) > stuckAfterMs
      checkedAtMs = nowMs
      // A computer that wakes up from sleep gives its engine the chance to answer.
      if (wasFrozen) {
        movedAtMs = nowMs
        if (unansweredSinceMs !== undefined) unansweredSinceMs = nowMs
      }
      if (isStuck(bufferedMs, nowMs)) {
        movedAtMs = nowMs
        return 'stuck'
      }
      if (!isSilent(nowMs)) return undefined
      patience = Math.min(PATIENCE_MAX, patience * 2)
      forgetSpeech()
      return 'silent'
    },
  }
}
