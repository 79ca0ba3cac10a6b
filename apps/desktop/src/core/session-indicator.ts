import type { SpeechError } from '@saywire/speech'
import type { CaptureError } from './ports.ts'
import type { RecoveryReason } from './recovery.ts'
import { recoveryReason } from './recovery.ts'
import type { SessionOutcome, SessionState } from './session.ts'

/**
 * What window, tray and command line say about a session: one kind at a time, never ambiguous.
 * `sentence` explains, for people, what cannot be explained by the kind alone.
 */
export type SessionIndicator =
  | { readonly kind: 'idle' | 'starting' | 'listening' | 'muted' | 'no_microphone' | 'stopping' }
  | {
      readonly kind: 'reconnecting'
      readonly attempt: number
      readonly reason: RecoveryReason
      readonly sentence: string
    }
  | { readonly kind: 'fallback'; readonly reason: RecoveryReason; readonly sentence: string }
  /** Captions wait for the user: to pay, to raise a limit, to log in or enter another key. */
  | {
      readonly kind: 'out_of_credit' | 'cap_reached' | 'access_refused'
      readonly sentence: string
    }
  | {
      readonly kind: 'failed'
      readonly reason: RecoveryReason | CaptureError['code']
      readonly sentence: string
    }

/**
 * Pure, and exhaustive: a new phase does not compile before it has a picture. What the user must
 * mend comes before what they did themselves, and that before what mends itself.
 */
export function sessionIndicator(state: SessionState): SessionIndicator {
  switch (state.phase) {
    case 'idle':
      return { kind: 'idle' }
    case 'starting':
      return { kind: 'starting' }
    case 'listening': {
      const own = whileRunning(state)
      // Whoever reads "listening" speaks, so it must be true.
      const kind = state.hasAudio ? 'listening' : 'starting'
      if (own) return own
      const { failure } = state
      if (state.isRecovering) return { kind: 'reconnecting', attempt: 1, ...BACKEND_AWAY }
      if (!failure) return { kind }
      return { kind: 'fallback', reason: recoveryReason(failure), sentence: failure.message }
    }
    case 'reconnecting':
    case 'falling_back': {
      const { attempt, failure } = state
      const reason = recoveryReason(failure)
      const sentence = failure.message
      return whileRunning(state) ?? { kind: 'reconnecting', attempt, reason, sentence }
    }
    case 'awaiting_user':
      return { kind: awaited(state.failure), sentence: state.failure.message }
    case 'draining':
      return { kind: 'stopping' }
    case 'ended':
      return ended(state.outcome)
  }
}

/** Why the chosen engine does not speak, whatever the picture shows besides. */
export interface SessionTrouble {
  readonly reason: RecoveryReason
  readonly sentence: string
}

export function sessionTrouble(state: SessionState): SessionTrouble | undefined {
  if (state.phase === 'draining' || !('failure' in state)) return undefined
  const { failure } = state
  if (failure) return { reason: recoveryReason(failure), sentence: failure.message }
  return state.phase === 'listening' && state.isRecovering ? BACKEND_AWAY : undefined
}

/** Whether it is not the chosen engine that speaks. */
export function speaksInstead(state: SessionState): boolean {
  if (state.phase === 'draining') return state.role === 'fallback'
  return state.phase === 'listening' && state.failure !== undefined
}

const BACKEND_AWAY: SessionTrouble = {
  reason: 'unreachable',
  sentence: 'The server is getting its speech service back: what you say is kept.',
}

function awaited({ code }: SpeechError): 'out_of_credit' | 'cap_reached' | 'access_refused' {
  if (code === 'insufficient_credits') return 'out_of_credit'
  return code === 'spend_cap_reached' ? 'cap_reached' : 'access_refused'
}

function whileRunning({ hasDevice, isMuted }: SessionState): SessionIndicator | undefined {
  if (!hasDevice) return { kind: 'no_microphone' }
  return isMuted ? { kind: 'muted' } : undefined
}

function ended(outcome: SessionOutcome): SessionIndicator {
  if (outcome.kind !== 'failed') return { kind: 'idle' }
  const { error } = outcome
  const reason = error.name === 'SpeechError' ? recoveryReason(error) : error.code
  return { kind: 'failed', reason, sentence: error.message }
}
