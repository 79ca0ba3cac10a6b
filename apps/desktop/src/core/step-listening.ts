import { SpeechError } from '@saywire/speech'
import { BACKEND_PATIENCE_MS, HEALTHY_MS, SWAP_WITHIN_MS } from './recovery.ts'
import { endedByItself } from './open-engine.ts'
import type { EngineRole, SessionEvent, SessionStep, SessionTimer } from './session.ts'
import type { Listening } from './session-moves.ts'
import {
  drain,
  fallBack,
  listen,
  open,
  openStandby,
  reconnect,
  recover,
  recoverFallback,
  step,
  wait,
} from './session-moves.ts'

/** While an engine listens: the chosen one, or another one until the chosen one is well again. */
export function stepListening(state: Listening, event: SessionEvent): SessionStep {
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
      return engineFailed(state, event.error)
    case 'engine-ended':
      return engineFailed(state, endedByItself())
    case 'engine-reconnecting': {
      const isBacked = state.fallback === 'ready' && state.speaker !== 'fallback'
      const patience = isBacked ? [wait('patience', BACKEND_PATIENCE_MS)] : []
      return step({ ...state, isRecovering: true }, ...patience)
    }
    case 'engine-recovered':
      return step({ ...state, isRecovering: false })
    case 'engine-chosen':
      return step({ ...state, standby: 'wished' }, openStandby(state))
    case 'reconfigured':
      return reconfigured(state)
    case 'retry-chosen':
      // What is tried anyhow keeps its turn.
      if (!state.failure || state.failure.retryable || state.standby !== 'none') return step(state)
      return step({ ...state, standby: 'wished' }, openStandby(state))
    case 'fallback-changed':
      if (event.isUsable || state.speaker !== 'fallback' || !state.failure) return step(state)
      return recover(state, state.failure, 1)
    case 'standby-opened':
      if (state.standby === 'wished') return takeOver(state)
      if (state.standby === 'changed') return takeOverSoon(state)
      if (state.standby !== 'tried') return step(state)
      return step({ ...state, standby: 'proving' }, wait('healthy', HEALTHY_MS))
    case 'standby-failed':
      return standbyFailed(state, event.error)
    case 'utterance-ended':
      return state.standby === 'due' ? takeOver(state) : step(state)
    case 'time-up':
      return timeUp(state, event.what)
    default:
      return step(state)
  }
}

function timeUp(state: Listening, what: SessionTimer): SessionStep {
  switch (what) {
    case 'proved': {
      // Only what the chosen engine proves says anything about the fall-back, and the network.
      const fallback = state.fallback === 'failed' ? 'ready' : state.fallback
      return step({ ...state, tries: 0, ...(!state.failure && { fallback, returns: 0 }) })
    }
    case 'chosen': {
      if (!state.failure?.retryable || state.standby !== 'none') return step(state)
      const tried = { ...state, standby: 'tried', returns: state.returns + 1 } as const
      return step(tried, openStandby(state))
    }
    case 'healthy':
      if (state.standby !== 'proving') return step(state)
      return takeOverSoon(state)
    case 'swap':
      return state.standby === 'due' ? takeOver(state) : step(state)
    case 'patience': {
      const isBacked = state.fallback === 'ready' && state.speaker !== 'fallback'
      if (!state.isRecovering || !isBacked) return step(state)
      return fallBack(state, backendLost())
    }
    case 'retry':
      return step(state)
  }
}

/** The standby is the engine from now on; until it has proved itself a failure is not its first. */
function takeOver(state: Listening): SessionStep {
  return listen(state, { tries: 1 }, { do: 'swap' })
}

/** Between two utterances: what is being said stays with the engine that has begun it. */
function takeOverSoon(state: Listening): SessionStep {
  if (!state.isSpeaking) return takeOver(state)
  return step({ ...state, standby: 'due' }, wait('swap', SWAP_WITHIN_MS))
}

/** Whoever speaks is opened anew. */
function reconfigured(state: Listening): SessionStep {
  if (state.speaker === 'fallback' && state.failure) return fallBack(state, state.failure)
  const standby = state.speaker === 'chosen' ? 'changed' : 'wished'
  return step({ ...state, standby }, openStandby(state))
}

/** After a failed switch it is the engine from before that listens: what comes next differs. */
export function roleOf({ speaker, fallback }: Listening): EngineRole {
  if (speaker !== 'former') return speaker
  return fallback === 'ready' ? 'fallback' : 'chosen'
}

function engineFailed(state: Listening, error: SpeechError): SessionStep {
  const { failure, tries, standby } = state
  if (standby === 'proving' || standby === 'due') return takeOver(state)
  if (roleOf(state) === 'chosen' || !failure) return recover(state, error, tries + 1)
  // The engine from before cannot be opened any more: there is another choice now.
  if (state.speaker === 'former') return fallBack(state, failure)
  return recoverFallback(state, failure, error, tries + 1)
}

/** The engine that listens goes on, in place of the one that could not be had. */
function standbyFailed(state: Listening, error: SpeechError): SessionStep {
  if (state.standby === 'none') return step(state)
  // The backend has room for one session of this user's: the old one has to go first.
  const isFull = error.code === 'too_many_connections' || error.code === 'busy'
  if (isFull && !state.failure && state.recovers) {
    return reconnect(state, error, 1, open(state, 'chosen'))
  }
  const speaker = state.speaker === 'chosen' ? 'former' : state.speaker
  const { tries, isRecovering } = state
  return listen(state, { speaker, failure: error, tries, isRecovering })
}

function backendLost(): SpeechError {
  const message = 'The speech service has lost what it transcribes with; it is tried again.'
  return new SpeechError('upstream_lost', message, { retryable: true })
}
