import { setTimeout as sleep } from 'node:timers/promises'
import { ObsError } from './obs-error.ts'
import type { ObsSession, ObsSessionOptions } from './obs-session.ts'
import { openObsSession } from './obs-session.ts'

const FIRST_RETRY_MS = 500
/** Nobody who has just started OBS waits longer than this for captions. */
const LAST_RETRY_MS = 15_000
/** A connection that ended sooner does not start the back-off anew. */
const LASTING_MS = 15_000

export interface KeepSessionDeps extends Omit<ObsSessionOptions, 'password' | 'signal'> {
  /** Asked before each attempt, so that a password changed meanwhile is used. */
  password(): Promise<string | undefined>
  onUp(session: ObsSession): void
  /** After each failed attempt and each lost connection. */
  onDown(reason: ObsError): void
  /** 0–1. */
  random(): number
  now(): number
}

/**
 * Keeps one session open until `signal` is aborted: connects, and connects again with a growing,
 * jittered pause. Returns early where trying again would be wrong: a refused password (each attempt
 * makes OBS show a warning), and a user of OBS who ended the connection.
 */
export async function keepSession(deps: KeepSessionDeps, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    const reason = await runSession(deps, signal, () => (failures = 0))
    if (signal.aborted) return
    deps.onDown(reason)
    if (reason.code === 'wrong_password' || reason.code === 'kicked') return
    await sleep(retryAfterMs(failures, deps.random()), undefined, { signal }).catch(() => undefined)
  }
}

/** Resolves when the session has ended or could not be opened. */
async function runSession(deps: KeepSessionDeps, signal: AbortSignal, onLasted: () => void) {
  try {
    const password = await deps.password()
    const session = await openObsSession({ ...deps, password, signal })
    const openedAtMs = deps.now()
    deps.onUp(session)
    const reason = await session.ended
    if (deps.now() - openedAtMs >= LASTING_MS) onLasted()
    return reason
  } catch (error) {
    // A secret store that cannot be read ends here too: its words are not for the log.
    return error instanceof ObsError ? error : new ObsError('unreachable')
  }
}

/** `failures` so far; `random` 0–1 spreads the pause over its last quarter. */
export function retryAfterMs(failures: number, random: number): number {
  const longestMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10))
  return longestMs * (0.75 + random / 4)
}
