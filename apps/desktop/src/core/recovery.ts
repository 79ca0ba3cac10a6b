import type { SpeechError, SpeechErrorCode } from '@saywire/speech'

const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 5000
/** Tries of an engine before another one takes its place. */
const TRIES = 3
/** Tries for the last words of a session that is over: about half a minute where there is no other. */
const LAST_TRIES = { alone: 16, backed: 1 }
/** The fall-back takes over after so much reconnecting, however far a try has come. */
export const PATIENCE_MS = 2000
/** An engine that says itself that it gets another backend is given more: it is on its way. */
export const BACKEND_PATIENCE_MS = 8000
/** A try that is not through by then has failed. */
const OPEN_WITHIN_MS = { alone: 30_000, backed: 10_000 }

/** When the chosen engine is tried again while the fall-back speaks; the last goes on for ever. */
const RETURN_AFTER_MS = [5000, 15_000, 60_000] as const
/** So that not all of a server's users come back in the same second. */
const RETURN_SPREAD = 1.2
/** A standby that has stayed open so long may take over. */
export const HEALTHY_MS = 5000
/** How long it then waits for the end of an utterance. */
export const SWAP_WITHIN_MS = 3000
/** An engine that listens so long has proved itself: its next failure is its first. */
export const PROVED_MS = 10_000

/** A random time between two bounds, ms. */
export interface Delay {
  readonly minMs: number
  readonly maxMs: number
}

/** What to do about an engine that failed. */
export type Recovery =
  | ({ readonly do: 'retry' } & Delay)
  | { readonly do: 'fall-back' }
  /** Nothing helps but what the user does: paying, logging in, raising a limit. */
  | { readonly do: 'await-user' }
  | { readonly do: 'give-up' }

const USER_MENDS: ReadonlySet<SpeechErrorCode> = new Set([
  'insufficient_credits',
  'spend_cap_reached',
  'unauthenticated',
])

/**
 * Pure policy. Without a fall-back what can mend itself is tried for ever: captions come back when
 * the network does, however long that takes.
 * @param attempt the try that comes next, from 1
 */
export function recoveryFrom(error: SpeechError, attempt: number, hasFallback: boolean): Recovery {
  const delay = backoff(error, attempt)
  const isHopeless = hasFallback && (attempt > TRIES || delay.minMs > PATIENCE_MS)
  if (error.retryable && !isHopeless) return { do: 'retry', ...delay }
  if (hasFallback) return { do: 'fall-back' }
  return { do: USER_MENDS.has(error.code) ? 'await-user' : 'give-up' }
}

/**
 * Exponential with full jitter: clients that were cut off together do not come back together. What
 * the engine asked for is waited for in any case; a server that only moves is waiting elsewhere.
 */
export function backoff({ code, retryAfterMs = 0 }: SpeechError, attempt: number): Delay {
  if (code === 'server_draining' && attempt === 1) return { minMs: 0, maxMs: 0 }
  const spanMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
  return { minMs: retryAfterMs, maxMs: retryAfterMs + spanMs }
}

/**
 * How the last words of a session that is over are still to be heard, by the same engine; undefined
 * where it is given up. Whoever waits for the end is not made to wait for ever.
 * @param attempt the try that comes next, from 1, which is made at once
 * @param isAlone no other engine could say them
 */
export function lastTry(error: SpeechError, attempt: number, isAlone: boolean): Delay | undefined {
  if (!error.retryable || attempt > LAST_TRIES[isAlone ? 'alone' : 'backed']) return undefined
  return attempt === 1 ? { minMs: 0, maxMs: 0 } : backoff(error, attempt)
}

/** @param returns how often the chosen engine was tried beside the fall-back already */
export function returnDelay({ retryAfterMs = 0 }: SpeechError, returns: number): Delay {
  const planned = RETURN_AFTER_MS[Math.min(returns, RETURN_AFTER_MS.length - 1)] ?? MAX_DELAY_MS
  const minMs = Math.max(planned, retryAfterMs)
  return { minMs, maxMs: minMs * RETURN_SPREAD }
}

/** How long an engine may take to open in a session that has begun; undefined is without end. */
export function openWithin(role: 'chosen' | 'fallback', hasFallback: boolean): number | undefined {
  // A model loads as long as it takes: nothing would be won by loading it again.
  if (role === 'fallback') return undefined
  return hasFallback ? OPEN_WITHIN_MS.backed : OPEN_WITHIN_MS.alone
}

/** Why the chosen engine does not speak, for a picture or one word. */
export type RecoveryReason =
  | 'out_of_credit'
  | 'spend_cap_reached'
  /** The login expired, the key was refused, or whoever runs the server wants no captions here. */
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
  account_blocked: 'access_refused',
  ended_by_operator: 'access_refused',
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
