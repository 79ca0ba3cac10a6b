import type { SpeechError } from '@saywire/speech'
import {
  backoff,
  lastTry,
  openWithin,
  PATIENCE_MS,
  PROVED_MS,
  recoveryFrom,
  returnDelay,
} from './recovery.ts'
import type { Delay } from './recovery.ts'
import type {
  EngineRole,
  SessionCommand,
  SessionOutcome,
  SessionPhase,
  SessionState,
  SessionStep,
  SessionTimer,
} from './session.ts'

export type InPhase<Phase extends SessionState['phase']> = Extract<SessionState, { phase: Phase }>
export type Listening = InPhase<'listening'>

/** What has no final yet is worth some more tries, and the fall-back after that. */
export function hearLastWords(state: InPhase<'draining'>, error: SpeechError): SessionStep {
  const failure = state.failure ?? error
  const tries = state.tries + 1
  const isBacked = state.role === 'chosen' && state.fallback === 'ready'
  const isAlone = state.role === 'chosen' && !isBacked
  const delay = state.recovers ? lastTry(error, tries, isAlone) : undefined
  const next = { ...state, engine: 'opening', failure, tries } as const
  if (delay) {
    const isNow = delay.maxMs === 0
    return step(next, isNow ? open(state, state.role) : waitBetween('retry', delay))
  }
  if (!isBacked) return end(state, { kind: 'failed', error: failure })
  return step({ ...next, role: 'fallback' }, open(state, 'fallback'))
}

/** What is not said is as in a session whose chosen engine listens. */
export function listen(
  state: SessionState,
  {
    speaker = 'chosen',
    failure,
    standby = 'none',
    tries = 0,
    isRecovering = false,
  }: Partial<Listening>,
  ...commands: SessionCommand[]
): SessionStep {
  const next = { phase: 'listening', speaker, failure, standby, tries, isRecovering } as const
  if (tries > 0) commands.push(wait('proved', PROVED_MS))
  if (failure?.retryable && standby === 'none') {
    commands.push(waitBetween('chosen', returnDelay(failure, state.returns)))
  }
  return go(state, next, ...startSource(state), ...commands)
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
  const facts = { outcome, role, engine, failure: undefined, tries: 0 }
  return go(state, { phase: 'draining', ...facts }, ...commands)
}

/** What becomes of the session when the chosen engine failed. */
export function recover(state: SessionState, failure: SpeechError, attempt: number): SessionStep {
  if (!state.recovers) return end(state, { kind: 'failed', error: failure })
  const recovery = recoveryFrom(failure, attempt, state.fallback === 'ready')
  switch (recovery.do) {
    case 'retry':
      return reconnect(state, failure, attempt, waitBetween('retry', recovery))
    case 'fall-back':
      return fallBack(state, failure)
    case 'await-user':
      // Whoever presses Start sees at once that they are not let in.
      if (state.phase === 'starting' && failure.code === 'unauthenticated') break
      return go(state, { phase: 'awaiting_user', failure }, ...startSource(state))
    case 'give-up':
      break
  }
  return end(state, { kind: 'failed', error: failure })
}

export function reconnect(
  state: SessionState,
  failure: SpeechError,
  attempt: number,
  ...commands: SessionCommand[]
): SessionStep {
  const isNew = state.phase !== 'reconnecting'
  if (isNew && state.fallback === 'ready') commands.push(wait('patience', PATIENCE_MS))
  const next = { phase: 'reconnecting', attempt, failure } as const
  return go(state, next, ...commands, ...startSource(state))
}

/** @param failure why the chosen engine does not speak */
export function fallBack(state: SessionState, failure: SpeechError): SessionStep {
  const commands = [open(state, 'fallback'), ...startSource(state)]
  if (failure.retryable) commands.push(tryMeanwhile(failure))
  return go(state, { phase: 'falling_back', attempt: 1, failure, standby: 'none' }, ...commands)
}

/** The chosen engine's next try while the fall-back loads: nobody speaks, so it is soon. */
export function tryMeanwhile(failure: SpeechError): SessionCommand {
  return waitBetween('chosen', backoff(failure, Infinity))
}

/** What becomes of the session when the fall-back failed. */
export function recoverFallback(
  state: InPhase<'listening' | 'falling_back'>,
  failure: SpeechError,
  error: SpeechError,
  attempt: number,
): SessionStep {
  const recovery = recoveryFrom(error, attempt, true)
  // It is of no use either: the chosen engine is all there is.
  if (recovery.do !== 'retry') return recover({ ...state, fallback: 'failed' }, failure, 1)
  const again = waitBetween('retry', recovery)
  if (state.phase === 'falling_back') return step({ ...state, attempt }, again)
  const next = { phase: 'falling_back', attempt, failure, standby: 'none' } as const
  return go(state, next, again, ...(failure.retryable ? [tryMeanwhile(failure)] : []))
}

export function open({ phase, fallback }: SessionState, role: EngineRole): SessionCommand {
  // At the start nothing has been said yet that could be lost.
  const isFirst = phase === 'idle' || phase === 'starting'
  const withinMs = isFirst ? undefined : openWithin(role, fallback === 'ready')
  return { do: 'open', role, withinMs }
}

export function openStandby({ fallback }: SessionState): SessionCommand {
  return { do: 'open-standby', withinMs: openWithin('chosen', fallback === 'ready') }
}

export function wait(what: SessionTimer, delayMs: number): SessionCommand {
  return { do: 'wait', what, minMs: delayMs, maxMs: delayMs }
}

function waitBetween(what: SessionTimer, { minMs, maxMs }: Delay): SessionCommand {
  return { do: 'wait', what, minMs, maxMs }
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
  const { recovers, fallback, isMuted, hasDevice, hasAudio, isSpeaking, returns } = state
  const isStarting = commands.some((command) => command.do === 'start-source')
  const source = isStarting ? 'running' : state.source
  const facts = { recovers, fallback, isMuted, hasDevice, hasAudio, isSpeaking, returns, source }
  return step({ ...facts, ...phase }, ...commands)
}

export function step(state: SessionState, ...commands: SessionCommand[]): SessionStep {
  return { state, commands }
}
