import { SpeechError } from '@saywire/speech'
import { recoveryFrom, RETRY_CHOSEN_MS } from './recovery.ts'
import type {
  EngineRole,
  SessionCommand,
  SessionEvent,
  SessionOutcome,
  SessionPhase,
  SessionState,
  SessionStep,
} from './session.ts'

type InPhase<Phase extends SessionState['phase']> = Extract<SessionState, { phase: Phase }>

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
      if (event.type === 'start') return go(state, { phase: 'starting' }, open('chosen'))
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
      return listen(state, undefined)
    case 'engine-failed':
      return recover(state, event.error, 1)
    case 'engine-ended':
      return recover(state, endedByItself(), 1)
    case 'engine-chosen':
      return step(state, open('chosen'))
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
      return recoverRole(state, role, event.error, 1)
    case 'engine-ended':
      return recoverRole(state, role, endedByItself(), 1)
    case 'engine-chosen':
      return go(state, { ...state, standby: true }, { do: 'open-standby' })
    case 'retry-chosen':
    case 'time-up':
      if (!state.failure || state.standby) return step(state)
      return go(state, { ...state, standby: true }, { do: 'open-standby' })
    case 'standby-opened':
      if (!state.standby) return step(state)
      return go(state, { phase: 'listening', failure: undefined, standby: false }, { do: 'swap' })
    case 'standby-failed':
      return standbyFailed(state, event.error)
    default:
      return step(state)
  }
}

/** After a failed switch it is the engine from before that listens: what comes next differs. */
function roleOf({ failure, hasFallback }: InPhase<'listening'>): EngineRole {
  return failure && hasFallback ? 'fallback' : 'chosen'
}

/** The engine that listens goes on, as the fall-back that it now is. */
function standbyFailed(state: InPhase<'listening'>, error: SpeechError): SessionStep {
  if (!state.standby) return step(state)
  // The backend has room for one session of this user's: the old one has to go first.
  const isFull = error.code === 'too_many_connections' || error.code === 'busy'
  if (isFull && !state.failure && state.recovers) {
    const next = { phase: 'reconnecting', role: 'chosen', attempt: 1, failure: error } as const
    return go(state, next, open('chosen'))
  }
  return listen(state, error)
}

function stepReconnecting(state: InPhase<'reconnecting'>, event: SessionEvent): SessionStep {
  const { role, failure, attempt } = state
  switch (event.type) {
    case 'engine-opened':
      return listen(state, role === 'fallback' ? failure : undefined)
    case 'engine-failed':
      return recoverRole(state, role, event.error, attempt + 1)
    case 'engine-ended':
      return recoverRole(state, role, endedByItself(), attempt + 1)
    case 'time-up':
      return step(state, open(role))
    case 'retry-chosen':
    case 'engine-chosen':
      return go(state, { ...state, role: 'chosen', attempt: 1 }, open('chosen'))
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
      return go(state, next, open('chosen'))
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

/** What has no final yet is worth one more try, and the fall-back after that. */
function hearLastWords(state: InPhase<'draining'>, error: SpeechError): SessionStep {
  const again = state.recovers && error.retryable && !state.retried
  const role = !again && state.role === 'chosen' && state.hasFallback ? 'fallback' : state.role
  if (!again && role === state.role) return end(state, { kind: 'failed', error })
  return step({ ...state, role, engine: 'opening', retried: true }, open(role))
}

function listen(state: SessionState, failure: SpeechError | undefined): SessionStep {
  const next = go(state, { phase: 'listening', failure, standby: false }, ...startSource(state))
  if (!failure?.retryable) return next
  return step(next.state, ...next.commands, { do: 'wait', delayMs: RETRY_CHOSEN_MS })
}

function drain(
  state: SessionState,
  outcome: SessionOutcome,
  role: EngineRole,
  engine: 'opening' | 'open',
): SessionStep {
  const commands: SessionCommand[] = []
  if (engine === 'opening') commands.push(open(role))
  // The engine is closed when the source has ended, so that its last frames are heard.
  if (state.source === 'running') commands.push({ do: 'stop-source' })
  else if (engine === 'open') commands.push({ do: 'close-engine' })
  return go(state, { phase: 'draining', outcome, role, engine, retried: false }, ...commands)
}

function recoverRole(
  state: InPhase<'listening' | 'reconnecting'>,
  role: EngineRole,
  error: SpeechError,
  attempt: number,
): SessionStep {
  const { failure } = state
  if (role === 'chosen' || !failure) return recover(state, error, attempt)
  const recovery = recoveryFrom(error, attempt, true)
  if (recovery.do === 'retry') {
    const next = { phase: 'reconnecting', role, attempt, failure } as const
    return go(state, next, { do: 'wait', delayMs: recovery.delayMs })
  }
  // The fall-back is of no use either: the chosen engine is all there is.
  return recover({ ...state, hasFallback: false }, failure, 1)
}

/** What becomes of the session when the chosen engine failed. */
function recover(state: SessionState, failure: SpeechError, attempt: number): SessionStep {
  if (!state.recovers) return end(state, { kind: 'failed', error: failure })
  const recovery = recoveryFrom(failure, attempt, state.hasFallback)
  const reconnecting = { phase: 'reconnecting', failure } as const
  switch (recovery.do) {
    case 'retry': {
      const wait = { do: 'wait', delayMs: recovery.delayMs } as const
      const next = { ...reconnecting, role: 'chosen', attempt } as const
      return go(state, next, wait, ...startSource(state))
    }
    case 'fall-back': {
      const next = { ...reconnecting, role: 'fallback', attempt: 1 } as const
      return go(state, next, open('fallback'), ...startSource(state))
    }
    case 'await-credit':
      return go(state, { phase: 'out_of_credit', failure }, ...startSource(state))
    case 'give-up':
      return end(state, { kind: 'failed', error: failure })
  }
}

function endedByItself(): SpeechError {
  return new SpeechError('engine_failed', 'The speech engine stopped by itself.', {
    retryable: true,
  })
}

function open(role: EngineRole): SessionCommand {
  return { do: 'open', role }
}

function startSource({ source }: SessionState): SessionCommand[] {
  return source === 'waiting' ? [{ do: 'start-source' }] : []
}

function end(state: SessionState, outcome: SessionOutcome): SessionStep {
  return go(state, { phase: 'ended', outcome }, { do: 'finish' })
}

/** Into another phase, with the facts as they are and nothing of the phase before. */
function go(state: SessionState, phase: SessionPhase, ...commands: SessionCommand[]): SessionStep {
  const { recovers, hasFallback, isMuted, hasDevice } = state
  const isStarting = commands.some((command) => command.do === 'start-source')
  const source = isStarting ? 'running' : state.source
  return step({ recovers, hasFallback, isMuted, hasDevice, source, ...phase }, ...commands)
}

function step(state: SessionState, ...commands: SessionCommand[]): SessionStep {
  return { state, commands }
}
