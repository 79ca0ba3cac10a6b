import type { SpeechError } from './speech-error.ts'

/** A recognised word. Times are ms on the capture clock; confidence is 0–1. */
export interface Word {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
  readonly confidence: number
}

/** Recognised words of one stretch of audio. Times are ms on the capture clock. */
export interface Transcript {
  readonly text: string
  /** 0–1; the mean of the words' confidence where the engine has no figure of its own. */
  readonly confidence: number
  readonly words: readonly Word[]
  readonly startMs: number
  readonly endMs: number
}

/**
 * A guess at what is being said. The next interim or final replaces it whole, but for what it has
 * committed.
 */
export interface InterimEvent extends Transcript {
  readonly type: 'interim'
  /**
   * So many of the first `words` are committed: each later interim and the final of this stretch
   * begin with them, letter by letter; only case and punctuation may still change. Never fewer in the
   * next interim. Default 0: an engine that promises nothing.
   */
  readonly committedWords?: number
}

/** Words that will not change any more. Finals come in order and never overlap. */
export interface FinalEvent extends Transcript {
  readonly type: 'final'
  /** True on the final that ends an utterance. */
  readonly speechFinal: boolean
}

/**
 * What an engine says while it listens. `error` ends the session: nothing follows it.
 */
export type SpeechEvent =
  | InterimEvent
  | FinalEvent
  /** A gap of at least `utterance_end_ms` followed the word that ended at `lastWordEndMs`. */
  | { readonly type: 'utterance-end'; readonly lastWordEndMs: number }
  | { readonly type: 'speech-started'; readonly atMs: number }
  /**
   * Audio that the backend has accepted since the session opened, in ms, each ms once. Never
   * decreases. `replayedMs`: what replacements of a lost backend were sent again, on top.
   */
  | { readonly type: 'usage'; readonly audioMs: number; readonly replayedMs?: number }
  /**
   * Deepgram engine only, at the end: what the provider says that it heard, and bills. To be held
   * against our own count, never to be counted by. Where a session has replaced its stream, those
   * that were lost, which give no receipt, are in it with what they were sent.
   */
  | { readonly type: 'receipt'; readonly audioMs: number; readonly requestId: string | undefined }
  /** Managed engine only: prepaid credit is about to end. */
  | { readonly type: 'credits-low'; readonly secondsRemaining: number }
  /**
   * The backend was lost or went silent and is being replaced; the session goes on by itself, and
   * what has no final yet is heard again. Nothing need be done but to show it.
   */
  | { readonly type: 'reconnecting'; readonly cause?: SpeechError }
  /**
   * The end of `reconnecting`. `skippedMs`: audio that no backend has heard, and none will, because
   * the outage was longer than what is kept.
   */
  | { readonly type: 'recovered'; readonly skippedMs?: number }
  | { readonly type: 'error'; readonly error: SpeechError }
