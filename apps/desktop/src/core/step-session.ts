import { PATIENCE_MS } from './recovery.ts'
import { endedByItself } from './open-engine.ts'
import type { EngineRole, SessionEvent, SessionState, SessionStep } from './session.ts'
import type { InPhase } from './session-moves.ts'
import {
  drain,
  end,
  fallBack,
  go,
  hearLastWords,
  listen,
  open,
  openStandby,
  reconnect,
  recover,
  recoverFallback,
  step,
  tryMeanwhile,
  wait,
} from './session-moves.ts'
import { stepListening } from './step-listening.ts'

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
    case 'utterance-began':
      return step({ ...state, isSpeaking: true })
    case 'utterance-ended':
      return stepPhase({ ...state, isSpeaking: false }, event)
    case 'fallback-changed': {
      const fallback = state.recovers && event.isUsable ? 'ready' : 'none'
      if (state.fallback === fallback) return step(state)
      return stepPhase({ ...state, fallback }, event)
    }
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
    case 'falling_back':
      return stepFallingBack(state, event)
    case 'awaiting_user':
      return stepAwaitingUser(state, event)
    case 'draining':
      return stepDraining(state, event)
    case 'ended':
      return step(state)
  }
}

function stepStarting(state: InPhase<'starting'>, event: SessionEvent): SessionStep {
  switch (event.type) {
    case 'engine-opened':
      return listen(state, {})
    case 'engine-failed':
      return recover(state, event.error, 1)
    case 'engine-ended':
      return recover(state, endedByItself(), 1)
    case 'engine-chosen':
    case 'reconfigured':
      return step(state, open(state, 'chosen'))
    case 'stop':
      return end(state, { kind: 'stopped' })
    default:
      return step(state)
  }
}

function stepReconnecting(state: InPhase<'reconnecting'>, event: SessionEvent): SessionStep {
  const { failure, attempt } = state
  switch (event.type) {
    case 'engine-opened':
      return listen(state, { tries: attempt })
    case 'engine-failed':
      return recover(state, event.error, attempt + 1)
    case 'engine-ended':
      return recover(state, endedByItself(), attempt + 1)
    case 'time-up':
      if (event.what === 'retry') return step(state, open(state, 'chosen'))
      if (event.what !== 'patience' || state.fallback !== 'ready') return step(state)
      return fallBack(state, failure)
    case 'fallback-changed':
      return event.isUsable ? step(state, wait('patience', PATIENCE_MS)) : step(state)
    case 'engine-chosen':
    case 'reconfigured':
      return step({ ...state, attempt: 1 }, open(state, 'chosen'))
    default:
      return stopMeanwhile(state, event, 'chosen')
  }
}

function stepFallingBack(state: InPhase<'falling_back'>, event: SessionEvent): SessionStep {
  const { failure, attempt, standby } = state
  switch (event.type) {
    case 'engine-opened':
      return listen(state, { speaker: 'fallback', failure, standby, tries: attempt })
    case 'engine-failed':
      return recoverFallback(state, failure, event.error, attempt + 1)
    case 'engine-ended':
      return recoverFallback(state, failure, endedByItself(), attempt + 1)
    case 'time-up':
      if (event.what === 'retry') return step(state, open(state, 'fallback'))
      if (event.what !== 'chosen' || standby !== 'none') return step(state)
      return step({ ...state, standby: 'tried' }, openStandby(state))
    case 'retry-chosen':
      // What is tried anyhow keeps its turn: hope that comes again and again must not hurry it.
      if (failure.retryable || standby !== 'none') return step(state)
      return step({ ...state, standby: 'tried' }, openStandby(state))
    case 'engine-chosen':
      return step({ ...state, standby: 'tried' }, openStandby(state))
    case 'reconfigured': {
      const tried = standby === 'tried' ? [openStandby(state)] : []
      return step({ ...state, attempt: 1 }, open(state, 'fallback'), ...tried)
    }
    case 'standby-opened':
      // Nobody speaks: there is nothing to wait for.
      return standby === 'none' ? step(state) : listen(state, { tries: 1 }, { do: 'swap' })
    case 'standby-failed': {
      if (standby === 'none') return step(state)
      const again = event.error.retryable ? [tryMeanwhile(event.error)] : []
      return step({ ...state, failure: event.error, standby: 'none' }, ...again)
    }
    case 'fallback-changed':
      return event.isUsable ? step(state) : recover(state, failure, 1)
    default:
      return stopMeanwhile(state, event, 'fallback')
  }
}

/** The last words are still without a final: one more try, at once. */
function stopMeanwhile(
  state: InPhase<'reconnecting' | 'falling_back'>,
  event: SessionEvent,
  role: EngineRole,
): SessionStep {
  switch (event.type) {
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

function stepAwaitingUser(state: InPhase<'awaiting_user'>, event: SessionEvent): SessionStep {
  switch (event.type) {
    case 'retry-chosen':
    case 'engine-chosen':
    case 'reconfigured':
      return reconnect(state, state.failure, 1, open(state, 'chosen'))
    case 'fallback-changed':
      return event.isUsable ? fallBack(state, state.failure) : step(state)
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
    case 'time-up':
      if (event.what !== 'retry' || state.engine === 'open') return step(state)
      return step(state, open(state, state.role))
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
