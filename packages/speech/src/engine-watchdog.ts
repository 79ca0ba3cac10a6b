import { BYTES_PER_MS } from '@saywire/protocol'
import type { SpeechActivity } from './audio/speech-activity.ts'
import { createSpeechActivity } from './audio/speech-activity.ts'
import type { UnansweredSpeech } from './unanswered-speech.ts'
import { createLazyUnansweredSpeech, createUnansweredSpeech } from './unanswered-speech.ts'

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

/**
 * Music and babble do look like speech all the time, and the best of engines finds no words in
 * them. So each replacement that changes nothing doubles what the next one needs, up to this many
 * times the limit, until a result shows that there was something to be heard.
 */
const PATIENCE_MAX = 32
/** An engine that takes less than this stands still. */
const MOVED_MS = 20
/** What a working engine always has on its way: packing, a network's hiccup. */
const BACKLOG_MIN_MS = 500

export function createEngineWatchdog(
  limits: Partial<WatchdogLimits> = {},
  detector: SpeechActivity = createSpeechActivity(),
): EngineWatchdog {
  return watchEngine(limits, createUnansweredSpeech(detector))
}

/** The same, but it listens to audio only where its answer is late. */
export function createLazyEngineWatchdog(limits: Partial<WatchdogLimits> = {}): EngineWatchdog {
  const { silentAfterMs } = { ...defaultWatchdogLimits, ...limits }
  const patienceMs = silentAfterMs / 2
  return watchEngine(limits, createLazyUnansweredSpeech(createSpeechActivity(), patienceMs))
}

function watchEngine(
  limits: Partial<WatchdogLimits>,
  unanswered: UnansweredSpeech,
): EngineWatchdog {
  const { silentAfterMs, stuckAfterMs } = { ...defaultWatchdogLimits, ...limits }
  let patience = 1
  let writtenMs = 0
  let takenMs = 0
  let movedAtMs: number | undefined
  let checkedAtMs: number | undefined

  function isStuck(bufferedMs: number, nowMs: number): boolean {
    const taken = writtenMs - bufferedMs
    // Not whether the backlog shrinks: under a steady stream it may stay as it is, and yet flow.
    if (Math.abs(taken - takenMs) >= MOVED_MS || bufferedMs <= BACKLOG_MIN_MS) {
      takenMs = taken
      movedAtMs = nowMs
    }
    return nowMs - (movedAtMs ?? nowMs) >= stuckAfterMs
  }

  return {
    wrote(pcm, nowMs) {
      writtenMs += pcm.byteLength / BYTES_PER_MS
      if (silentAfterMs !== Infinity) unanswered.wrote(pcm, nowMs)
    },
    heard() {
      patience = 1
      unanswered.answered()
    },
    check(bufferedMs, nowMs) {
      const wasFrozen = nowMs - (checkedAtMs ?? nowMs) > stuckAfterMs
      checkedAtMs = nowMs
      // A computer that wakes up from sleep gives its engine the chance to answer.
      if (wasFrozen) {
        movedAtMs = nowMs
        unanswered.excuse(nowMs)
      }
      if (isStuck(bufferedMs, nowMs)) {
        movedAtMs = nowMs
        return 'stuck'
      }
      if (!unanswered.isAtLeast(silentAfterMs * patience, nowMs)) return undefined
      patience = Math.min(PATIENCE_MAX, patience * 2)
      unanswered.answered()
      return 'silent'
    },
  }
}
