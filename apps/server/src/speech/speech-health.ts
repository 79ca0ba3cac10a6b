import type { SpeechError, SpeechErrorCode } from '@saywire/speech'

/**
 * Whether new sessions find a backend. `full`: every stream is in use; `preparing`: the model is
 * being fetched or the library built; `failing`: nobody answers; `held_back`: the provider has asked
 * for a pause; `refused`: it refuses this server's key or account.
 */
export type SpeechHealth = 'ok' | 'full' | 'preparing' | 'failing' | 'held_back' | 'refused'

/** What recent dials say of a backend. */
export interface DialHealth {
  opened(): void
  failed(error: SpeechError): void
  readonly state: 'ok' | 'failing' | 'refused'
}

/** So many in a row, with no success between them, are no accident. */
const FAILURES_MIN = 3
/**
 * Who is taken for unusable is sent no sessions, so nothing would ever prove the contrary: after
 * this time without a failure the next session may try.
 */
const VERDICT_HOLDS_MS = 15_000

/** No other attempt can do better until somebody mends the account. */
const REFUSALS: ReadonlySet<SpeechErrorCode> = new Set(['unauthenticated', 'insufficient_credits'])
/** About the one session that was refused, or told apart elsewhere. */
const NO_VERDICT: ReadonlySet<SpeechErrorCode> = new Set(['bad_config', 'bad_message', 'busy'])

/** @param now monotonic clock, ms */
export function createDialHealth(now: () => number): DialHealth {
  let failures = 0
  let isRefused = false
  let failedAtMs = Number.NEGATIVE_INFINITY
  return {
    opened() {
      failures = 0
      isRefused = false
    },
    failed({ code }) {
      if (NO_VERDICT.has(code)) return
      failures += 1
      isRefused = REFUSALS.has(code)
      failedAtMs = now()
    },
    get state() {
      if (now() - failedAtMs > VERDICT_HOLDS_MS) return 'ok'
      if (isRefused) return 'refused'
      return failures >= FAILURES_MIN ? 'failing' : 'ok'
    },
  }
}
