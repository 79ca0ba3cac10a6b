import { SpeechError } from '@saywire/speech'
import { PATIENCE_MS, PROVED_MS, recoveryFrom, RETRY_CHOSEN_MS } from './recovery.ts'
import type {
  EngineRole,
  SessionCommand,
  SessionOutcome,
  SessionPhase,
  SessionState,
  SessionStep,
} from './session.ts'

export type InPhase<Phase extends SessionState['phase']> = Extract<SessionState, { phase: Phase }>

/** What has no final yet is worth one more try, and the fall-back after that. */
export function hearLastWords(state: InPhase<'draining'>, error: SpeechError): SessionStep {
  const again = state.recovers && error.retryable && !state.failure
  const role =
    !again && state.role === 'chosen' && state.fallback === 'ready' ? 'fallback' : state.role
  const failure = state.failure ?? error
  if (!again && role === state.role) return end(state, { kind: 'failed', error: failure })
  return step({ ...state, role, engine: 'opening', failure }, open(state, role))
}

/** @param failure why it is not the chosen engine that listens */
export function listen(
  state: SessionState,
  failure: SpeechError | undefined,
  tries: number,
): SessionStep {
  const commands = startSource(state)
  if (failure?.retryable) commands.push({ do: 'wait', delayMs: RETRY_CHOSEN_MS })
  else if (tries > 0) commands.push({ do: 'wait', delayMs: PROVED_MS })
  return go(state, { phase: 'listening', failure, standby: false, tries }, ...commands)
}

export function drain(
  state: SessionState,
  outcome: SessionOutcome,
  role: EngineRole,
  engine: 'opening' | 'open',
): SessionStep {
  const commands: SessionCommand[] = []
  if (engine === 'opening') commands.push(open(state, role))
  // The engine is closed when the source has ended, so that its last frames are heard.
  if (state.source === 'running') commands.push({ do: 'stop-source' })
  else if (engine === 'open') commands.push({ do: 'close-engine' })
  return go(state, { phase: 'draining', outcome, role, engine, failure: undefined }, ...commands)
}

export function recoverRole(
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
  return recover({ ...state, fallback: 'failed' }, failure, 1)
}

/** What becomes of the session when the chosen engine failed. */
export function recover(state: SessionState, failure: SpeechError, attempt: number): SessionStep {
  if (!state.recovers) return end(state, { kind: 'failed', error: failure })
  const recovery = recoveryFrom(failure, attempt, state.fallback === 'ready')
  const reconnecting = { phase: 'reconnecting', failure } as const
  switch (recovery.do) {
    case 'retry': {
      const wait = { do: 'wait', delayMs: recovery.delayMs } as const
      const next = { ...reconnecting, role: 'chosen', attempt } as const
      return go(state, next, wait, ...startSource(state))
    }
    case 'fall-back': {
      const next = { ...reconnecting, role: 'fallback', attempt: 1 } as const
      return go(state, next, open(state, 'fallback'), ...startSource(state))
    }
    case 'await-credit':
      return go(state, { phase: 'out_of_credit', failure }, ...startSource(state))
    case 'give-up':
      return end(state, { kind: 'failed', error: failure })
  }
}

export function endedByItself(): SpeechError {
  return new SpeechError('engine_failed', 'The speech engine stopped by itself.', {
    retryable: true,
  })
}

export function open({ phase, fallback }: SessionState, role: EngineRole): SessionCommand {
  // At the start nothing has been said yet that could be lost.
  const isHasty =
    role === 'chosen' && fallback === 'ready' && phase !== 'idle' && phase !== 'starting'
  return { do: 'open', role, withinMs: isHasty ? PATIENCE_MS : undefined }
}

function startSource({ source }: SessionState): SessionCommand[] {
  return source === 'waiting' ? [{ do: 'start-source' }] : []
}

export function end(state: SessionState, outcome: SessionOutcome): SessionStep {
  return go(state, { phase: 'ended', outcome }, { do: 'finish' })
}

/** Into another phase, with the facts as they are and nothing of the phase before. */
export function go(
  state: SessionState,
  phase: SessionPhase,
  ...commands: SessionCommand[]
): SessionStep {
  const { recovers, fallback, isMuted, hasDevice, hasAudio } = state
  const isStarting = commands.some((command) => command.do === 'start-source')
  const source = isStarting ? 'running' : state.source
  const facts = { recovers, fallback, isMuted, hasDevice, hasAudio, source }
  return step({ ...facts, ...phase }, ...commands)
}

export function step(state: SessionState, ...commands: SessionCommand[]): SessionStep {
  return { state, commands }
}
