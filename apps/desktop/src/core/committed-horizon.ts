import type { EngineClock } from './engine-clock.ts'

/** Where an engine has shown no word for so long although nobody spoke, there was none. */
const QUIET_AFTER_MS = 30_000
/**
 * Nor where there was sound like speech, and a second engine said nothing to it either, or an engine
 * that does not tell of audio without words. What waits for an answer must not outgrow the memory
 * that it is kept in.
 */
const WORDLESS_AFTER_MS = 50_000
/** An engine that tells of all audio and has not told of this is dead, however few words there were. */
const DEAD_AFTER_MS = 40_000
/** Speech has begun before anybody can tell that it is speech. */
const ONSET_MS = 300
/** Words sound on for so long after an engine has them end. */
const ENDING_MS = 500

/** Audio time up to which everything said is final, or nothing was said. Never decreases. */
export interface CommittedHorizon {
  readonly ms: number
  /** From the first to the last sound like speech beyond it that no engine has answered, ms. */
  readonly unansweredMs: number
  /** Everything up to there is final, or will never be heard by anybody. */
  commit(audioMs: number): void
  /** Sound that may be speech ends here. */
  onSpeech(fromMs: number, toMs: number): void
  /** An engine has words, or none, up to here. */
  onResult(endMs: number): void
  /**
   * Silence brings no finals; without an end it would be sent, and paid for, again and again.
   * @param heardMs audio time up to which an engine has taken everything
   * @param listenedMs since when it listens
   * @param interimFromMs where words begin that have no final yet
   */
  commitSilence(heardMs: number, listenedMs: number, interimFromMs: number | undefined): void
  /**
   * True once where speech has waited for an answer for so long that an engine which answers all
   * audio must be dead; again only after there was an answer.
   * @param heardMs as in commitSilence
   * @param listenedMs as in commitSilence
   */
  isDead(heardMs: number, listenedMs: number): boolean
}

export function createCommittedHorizon(
  times: Pick<EngineClock, 'audioMs'>,
  onMove: (horizonMs: number) => void,
): CommittedHorizon {
  let horizonMs = 0
  /** Sound like speech from here to there has had no answer. */
  let speechFromMs: number | undefined
  let speechToMs = 0
  /** Engines have had words up to here. */
  let answeredMs = 0
  /** Speech without an answer was heard by an engine that was given up for it. */
  let hasDoubted = false

  function commit(audioMs: number): void {
    const nextMs = Math.min(audioMs, times.audioMs)
    if (nextMs <= horizonMs) return
    horizonMs = nextMs
    onMove(horizonMs)
  }

  return {
    get ms() {
      return horizonMs
    },
    get unansweredMs() {
      if (speechFromMs === undefined) return 0
      return Math.max(0, speechToMs - Math.max(speechFromMs, horizonMs))
    },
    commit,
    onSpeech(fromMs, toMs) {
      speechFromMs ??= Math.max(answeredMs, fromMs - ONSET_MS)
      speechToMs = toMs
    },
    onResult(endMs) {
      answeredMs = Math.max(answeredMs, endMs)
      hasDoubted = false
      if (speechFromMs === undefined) return
      speechFromMs = speechToMs > endMs + ENDING_MS ? Math.max(speechFromMs, endMs) : undefined
    },
    commitSilence(heardMs, listenedMs, interimFromMs = Infinity) {
      if (listenedMs < QUIET_AFTER_MS) return
      const quietMs = Math.min(heardMs - QUIET_AFTER_MS, speechFromMs ?? Infinity)
      commit(Math.min(Math.max(quietMs, heardMs - WORDLESS_AFTER_MS), interimFromMs))
    },
    isDead(heardMs, listenedMs) {
      if (hasDoubted || speechFromMs === undefined || listenedMs < QUIET_AFTER_MS) return false
      hasDoubted = heardMs - speechFromMs > DEAD_AFTER_MS
      return hasDoubted
    },
  }
}
