import type { SpeechError } from '@saywire/speech'
import type { EngineRole, SessionEvent, SessionState, SessionStep } from './session.ts'
import type { InPhase } from './session-moves.ts'
import {
  drain,
  end,
  endedByItself,
  go,
  hearLastWords,
  listen,
  open,
  recover,
  recoverRole,
  step,
} from './session-moves.ts'

/**
 * The whole life of a caption session as a pure, total function: every event is answered in every
 * state, and what no longer matters changes nothing.
 */
export function stepSession(state: SessionState, event: SessionEvent): SessionStep {
  if (state.phase === 'ended') return step(state)
  switch (event.type) {
    case 'mute':
      if (state.isMuted === event.muted) return step(state)
      return step({ ...state, isMuted: event.muted }, { do: 'mute', muted: event.muted })
    case 'device-changed':
      return step({ ...state, hasDevice: event.isPresent })
    case 'source-began':
      return step({ ...state, hasAudio: true })
    case 'source-ended':
    case 'source-failed':
      if (state.source !== 'running') return step(state)
      return stepPhase({ ...state, source: 'over' }, event)
    default:
      return stepPhase(state, event)
  }
}

function stepPhase(state: SessionState, event: SessionEvent): SessionStep {
  switch (state.phase) {
    case 'idle':
      if (event.type === 'start') return go(state, { phase: 'starting' }, open(state, 'chosen'))
      return event.type === 'stop' ? end(state, { kind: 'stopped' }) : step(state)
    case 'starting':
      return stepStarting(state, event)
    case 'listening':
      return stepListening(state, event)
    case 'reconnecting':
      return stepReconnecting(state, event)
    case 'out_of_credit':
      return stepOutOfCredit(state, event)
    case 'draining':
      return stepDraining(state, event)
    case 'ended':
      return step(state)
  }
}

function stepStarting(state: InPhase<'starting'>, event: SessionEvent): SessionStep {
  switch (event.type) {
    case 'engine-opened':
      return listen(state, undefined, 0)
    case 'engine-failed':
      return recover(state, event.error, 1)
    case 'engine-ended':
      return recover(state, endedByItself(), 1)
    case 'engine-chosen':
      return step(state, open(state, 'chosen'))
    case 'stop':
      return end(state, { kind: 'stopped' })
    default:
      return step(state)
  }
}

function stepListening(state: InPhase<'listening'>, event: SessionEvent): SessionStep {
  const role = roleOf(state)
  switch (event.type) {
    case 'source-ended':
      return drain(state, { kind: 'completed' }, role, 'open')
    case 'source-failed':
      // What was heard before the microphone went is still worth its finals.
      return drain(state, { kind: 'failed', error: event.error }, role, 'open')
    case 'stop':
      return drain(state, { kind: 'stopped' }, role, 'open')
    case 'engine-failed':
      return recoverRole(state, role, event.error, state.tries + 1)
    case 'engine-ended':
      return recoverRole(state, role, endedByItself(), state.tries + 1)
    case 'engine-chosen':
      return go(state, { ...state, standby: true }, { do: 'open-standby' })
    case 'retry-chosen':
      if (!state.failure || state.failure.retryable || state.standby) return step(state)
      return go(state, { ...state, standby: true }, { do: 'open-standby' })
    case 'time-up':
      return stepProved(state)
    case 'standby-opened': {
      if (!state.standby) return step(state)
      const chosen = { phase: 'listening', failure: undefined, standby: false, tries: 0 } as const
      return go(state, chosen, { do: 'swap' })
    }
    case 'standby-failed':
      return standbyFailed(state, event.error)
    default:
      return step(state)
  }
}

/** The engine has listened for a while; where it stands in for the chosen one, that is tried. */
function stepProved(state: InPhase<'listening'>): SessionStep {
  const fallback = state.fallback === 'failed' && !state.failure ? 'ready' : state.fallback
  const proved = { ...state, fallback, tries: 0 } as const
  if (!state.failure?.retryable || state.standby) return step(proved)
  return step({ ...proved, standby: true }, { do: 'open-standby' })
}

/** After a failed switch it is the engine from before that listens: what comes next differs. */
function roleOf({ failure, fallback }: InPhase<'listening'>): EngineRole {
  return failure && fallback === 'ready' ? 'fallback' : 'chosen'
}

/** The engine that listens goes on, as the fall-back that it now is. */
function standbyFailed(state: InPhase<'listening'>, error: SpeechError): SessionStep {
  if (!state.standby) return step(state)
  // The backend has room for one session of this user's: the old one has to go first.
  const isFull = error.code === 'too_many_connections' || error.code === 'busy'
  if (isFull && !state.failure && state.recovers) {
    const next = { phase: 'reconnecting', role: 'chosen', attempt: 1, failure: error } as const
    return go(state, next, open(state, 'chosen'))
  }
  return listen(state, error, state.tries)
}

function stepReconnecting(state: InPhase<'reconnecting'>, event: SessionEvent): SessionStep {
  const { role, failure, attempt } = state
  switch (event.type) {
    case 'engine-opened':
      return listen(state, role === 'fallback' ? failure : undefined, attempt)
    case 'engine-failed':
      return recoverRole(state, role, event.error, attempt + 1)
    case 'engine-ended':
      return recoverRole(state, role, endedByItself(), attempt + 1)
    case 'time-up':
      return step(state, open(state, role))
    case 'retry-chosen':
      // What is tried anyhow keeps its turn: hope that comes again and again must not hurry it.
      if (role === 'chosen' || failure.retryable) return step(state)
      return go(state, { ...state, role: 'chosen', attempt: 1 }, open(state, 'chosen'))
    case 'engine-chosen':
      return go(state, { ...state, role: 'chosen', attempt: 1 }, open(state, 'chosen'))
    // The last words are still without a final: one more try, at once.
    case 'stop':
      return drain(state, { kind: 'stopped' }, role, 'opening')
    case 'source-ended':
      return drain(state, { kind: 'completed' }, role, 'opening')
    case 'source-failed':
      return drain(state, { kind: 'failed', error: event.error }, role, 'opening')
    default:
      return step(state)
  }
}

function stepOutOfCredit(state: InPhase<'out_of_credit'>, event: SessionEvent): SessionStep {
  switch (event.type) {
    case 'retry-chosen':
    case 'engine-chosen': {
      const { failure } = state
      const next = { phase: 'reconnecting', role: 'chosen', attempt: 1, failure } as const
      return go(state, next, open(state, 'chosen'))
    }
    case 'stop':
      return end(state, { kind: 'stopped' })
    case 'source-ended':
      return end(state, { kind: 'failed', error: state.failure })
    case 'source-failed':
      return end(state, { kind: 'failed', error: event.error })
    default:
      return step(state)
  }
}

function stepDraining(state: InPhase<'draining'>, event: SessionEvent): SessionStep {
  const close = { do: 'close-engine' } as const
  switch (event.type) {
    case 'source-ended':
    case 'source-failed':
      return state.engine === 'open' ? step(state, close) : step(state)
    case 'engine-opened': {
      if (state.engine === 'open') return step(state)
      const opened = { ...state, engine: 'open' } as const
      return state.source === 'over' ? step(opened, close) : step(opened)
    }
    case 'engine-ended':
      // Before it was closed it has not said everything.
      if (state.source === 'running') return hearLastWords(state, endedByItself())
      return end(state, state.outcome)
    case 'engine-failed':
      return hearLastWords(state, event.error)
    case 'stop':
      // The recording was over, but its last words are not: the first wish to end is noted.
      if (state.outcome.kind === 'completed') {
        return step({ ...state, outcome: { kind: 'stopped' } })
      }
      return end(state, state.outcome)
    default:
      return step(state)
  }
}
