import type { SpeechError, SpeechErrorCode } from '@saywire/speech'

const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 5000
/** Tries of the chosen engine before the fall-back takes over: under two seconds of waiting. */
const TRIES_WITH_FALLBACK = 3
/** A try that is not through by then makes way, as long as the fall-back could speak instead. */
export const PATIENCE_MS = 10_000
/** Tries where there is nothing to fall back to: about five minutes. */
const TRIES_ALONE = 60
/** How often the chosen engine is tried while the fall-back speaks. */
export const RETRY_CHOSEN_MS = 60_000

/** An engine that listens so long has proved itself: its next failure is its first. */
export const PROVED_MS = 10_000

/** What to do about an engine that failed. */
export type Recovery =
  | { readonly do: 'retry'; readonly delayMs: number }
  | { readonly do: 'fall-back' }
  /** Nothing but a top-up helps. */
  | { readonly do: 'await-credit' }
  | { readonly do: 'give-up' }

/**
 * Pure policy.
 * @param attempt the try that comes next, from 1
 */
export function recoveryFrom(error: SpeechError, attempt: number, hasFallback: boolean): Recovery {
  const tries = hasFallback ? TRIES_WITH_FALLBACK : TRIES_ALONE
  const backoffMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
  const delayMs = Math.max(backoffMs, error.retryAfterMs ?? 0)
  const isTooLong = hasFallback && delayMs > MAX_DELAY_MS
  if (error.retryable && attempt <= tries && !isTooLong) return { do: 'retry', delayMs }
  if (hasFallback) return { do: 'fall-back' }
  return { do: error.code === 'insufficient_credits' ? 'await-credit' : 'give-up' }
}

/** Why the chosen engine does not speak, for a picture or one word. */
export type RecoveryReason =
  | 'out_of_credit'
  | 'spend_cap_reached'
  /** The login expired, or the key was refused. */
  | 'access_refused'
  | 'unreachable'
  /** The service is there and has no room now. */
  | 'busy'
  | 'wrong_settings'
  | 'engine_failed'

const REASONS = {
  insufficient_credits: 'out_of_credit',
  spend_cap_reached: 'spend_cap_reached',
  unauthenticated: 'access_refused',
  unreachable: 'unreachable',
  upstream_lost: 'unreachable',
  server_draining: 'unreachable',
  lease_lost: 'unreachable',
  busy: 'busy',
  too_many_connections: 'busy',
  bad_config: 'wrong_settings',
  model_unavailable: 'wrong_settings',
  too_fast: 'engine_failed',
  frame_too_large: 'engine_failed',
  bad_message: 'engine_failed',
  internal: 'engine_failed',
  engine_failed: 'engine_failed',
} as const satisfies Record<SpeechErrorCode, RecoveryReason>

export function recoveryReason(error: SpeechError): RecoveryReason {
  return REASONS[error.code]
}
