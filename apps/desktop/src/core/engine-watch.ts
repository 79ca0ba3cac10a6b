import { BYTES_PER_MS } from '@saywire/protocol'
import type { SpeechActivity, SpeechEvent, WatchdogLimits } from '@saywire/speech'
import {
  createEngineWatchdog,
  createSpeechActivity,
  defaultWatchdogLimits,
  SpeechError,
} from '@saywire/speech'
import { saysNothing } from './open-engine.ts'
import type { Clock } from './ports.ts'

/** How often an engine is looked at. */
const CHECK_MS = 1000
/**
 * An engine that has just been opened is left alone for so long: what waits for it shrinks only
 * now. Longer than the watchdog's idea of a computer that slept, so that it begins anew.
 */
const SETTLING_MS = 4000
/** One that may take long: only what takes nothing at all for a minute has stopped. */
const PATIENT_LIMITS = { silentAfterMs: Infinity, stuckAfterMs: 60_000 }
/** How long an engine may look for another backend by itself. */
const RECOVERING_MAX_MS = 30_000
/**
 * An engine that has said nothing again after it was replaced need not be tried a third time at
 * once: whoever has another one uses it.
 */
const REST_MS = 3000

export interface EngineWatchDeps {
  readonly clock: Clock
  /** Sound that may be speech, in audio time. */
  onSpeech(fromMs: number, toMs: number): void
  /** Whatever its socket says, the watched engine does not work. */
  onFault(error: SpeechError): void
  readonly limits?: Partial<WatchdogLimits> | undefined
  /** What may be speech. Default: as the sound says. */
  readonly activity?: SpeechActivity | undefined
}

/**
 * Looks after an engine on another machine: speech in and nothing out, audio that is not taken, a
 * backend that never comes back. All of a session's engines are watched by one, because it learns
 * from a replacement that says nothing either that there were no words.
 */
export interface EngineWatch {
  /**
   * The session's newest audio, whichever engine hears it.
   * @param endMs audio time at its end
   */
  wrote(pcm: Uint8Array, endMs: number): void
  /** Any engine has said this. */
  heard(event: SpeechEvent): void
  /**
   * From now on this engine is looked at, instead of the one before.
   * @param waitingMs audio that it has not taken yet
   * @param mayTakeLong it may be late: see SpeechSession
   */
  watch(waitingMs: () => number, mayTakeLong: boolean): void
  /** There is no engine, or none that could be at fault. */
  rest(): void
}

export function createEngineWatch({
  clock,
  onSpeech,
  onFault,
  limits = defaultWatchdogLimits,
  activity = createSpeechActivity(),
}: EngineWatchDeps): EngineWatch {
  let frameEndMs = 0
  const keenDog = createEngineWatchdog(limits, {
    hear(frame) {
      const fromMs = frameEndMs
      frameEndMs += frame.byteLength / BYTES_PER_MS
      const isSpeech = activity.hear(frame)
      if (isSpeech) onSpeech(fromMs, frameEndMs)
      return isSpeech
    },
  })
  let dog = keenDog
  /** Faults of silence since words were last heard from a watched engine. */
  let silences = 0
  let recoveringSinceMs: number | undefined
  let waiting: (() => number) | undefined
  /** A session whose engines are all on this machine costs nothing here. */
  let hasWatched = false
  let cancelTimer: (() => void) | undefined

  function rest(): void {
    cancelTimer?.()
    cancelTimer = undefined
    waiting = undefined
    recoveringSinceMs = undefined
  }

  function fault(error: SpeechError): void {
    rest()
    onFault(error)
  }

  function look(): void {
    if (!waiting) return
    cancelTimer = clock.after(CHECK_MS, look)
    const nowMs = clock.nowMs()
    const verdict = dog.check(waiting(), nowMs)
    if (recoveringSinceMs !== undefined) {
      if (nowMs - recoveringSinceMs < RECOVERING_MAX_MS) return
      return fault(lost('The speech service did not find another backend.'))
    }
    if (verdict === 'stuck') return fault(lost('The speech service takes no audio any more.'))
    if (verdict !== 'silent') return
    silences += 1
    fault(saysNothing(silences > 1 ? REST_MS : 0))
  }

  return {
    wrote(pcm, endMs) {
      if (!hasWatched) return
      frameEndMs = endMs - pcm.byteLength / BYTES_PER_MS
      const nowMs = clock.nowMs()
      // It tells what sounds like speech, and learns the noise of the room, whoever listens.
      keenDog.wrote(pcm, nowMs)
      if (dog !== keenDog) dog.wrote(pcm, nowMs)
    },
    heard(event) {
      if (event.type === 'reconnecting') recoveringSinceMs ??= clock.nowMs()
      if (event.type === 'recovered') recoveringSinceMs = undefined
      if (event.type !== 'interim' && event.type !== 'final') return
      recoveringSinceMs = undefined
      keenDog.heard(clock.nowMs())
      if (waiting) silences = 0
    },
    watch(waitingMs, mayTakeLong) {
      rest()
      dog = mayTakeLong ? createEngineWatchdog(PATIENT_LIMITS) : keenDog
      waiting = waitingMs
      hasWatched = true
      cancelTimer = clock.after(SETTLING_MS, look)
    },
    rest,
  }
}

function lost(message: string): SpeechError {
  return new SpeechError('upstream_lost', message, { retryable: true })
}
