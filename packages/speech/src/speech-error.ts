import type { TranscribeErrorCode } from '@saywire/protocol'

/**
 * Why an engine cannot go on: the server's own codes, and those that only an engine on this
 * machine can meet.
 */
export type SpeechErrorCode =
  | TranscribeErrorCode
  /** Nobody answers at the address. */
  | 'unreachable'
  /** The settings are not what this engine can do; the message names the setting. */
  | 'bad_config'
  /** The model is not on this machine and could not be fetched. */
  | 'model_unavailable'
  /** The engine's own process or library failed. */
  | 'engine_failed'
  /** The user's own limit of paid captions is reached. */
  | 'spend_cap_reached'

export interface SpeechErrorDetails {
  /** True where opening again later can succeed without the user doing anything. */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  /** Audio position (capture clock, ms) from which a next session should be fed. */
  readonly resumeFromMs?: number
  readonly cause?: unknown
}

/** Every failure of a speech engine. The message is one sentence for the user, without secrets. */
export class SpeechError extends Error {
  override readonly name = 'SpeechError'
  readonly code: SpeechErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly resumeFromMs: number | undefined

  constructor(code: SpeechErrorCode, message: string, details: SpeechErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = details.retryable ?? false
    this.retryAfterMs = details.retryAfterMs
    this.resumeFromMs = details.resumeFromMs
  }
}
