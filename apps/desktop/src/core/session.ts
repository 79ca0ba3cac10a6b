import { SpeechError } from '@saywire/speech'
import type { CaptureError } from './ports.ts'

/** How a caption session ended. */
export type SessionOutcome =
  /** The audio was over and every word is final. */
  | { readonly kind: 'completed' }
  /** The user ended it. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: SpeechError | CaptureError }

/**
 * idle → opening (the engine gets ready) → listening (audio flows) → draining (audio is over, the
 * last finals arrive) → ended.
 */
export type SessionState =
  | { readonly phase: 'idle' | 'opening' | 'listening' }
  | { readonly phase: 'draining' | 'ended'; readonly outcome: SessionOutcome }

export type SessionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'engine-opened' }
  /** The engine did not open, or failed later. */
  | { readonly type: 'engine-failed'; readonly error: SpeechError }
  /** The engine has nothing more to say. */
  | { readonly type: 'engine-ended' }
  | { readonly type: 'source-ended' }
  | { readonly type: 'source-failed'; readonly error: CaptureError }
  /** The user wants the session to end; the second time, at once. */
  | { readonly type: 'stop' }

export type SessionCommand =
  | 'open-engine'
  | 'start-source'
  | 'stop-source'
  /** Flush the last finals. */
  | 'close-engine'
  /** Drop the engine's session without waiting. */
  | 'abort-engine'
  /** Let go of the sinks and report the outcome. */
  | 'finish'

export interface SessionStep {
  readonly state: SessionState
  readonly commands: readonly SessionCommand[]
}

export const idleSession: SessionState = { phase: 'idle' }

/**
 * The whole life of a caption session as a pure, total function: every event is answered in every
 * state, and what no longer matters changes nothing.
 */
export function stepSession(state: SessionState, event: SessionEvent): SessionStep {
  switch (state.phase) {
    case 'idle':
      if (event.type === 'start') return step({ phase: 'opening' }, 'open-engine')
      if (event.type === 'stop') return end({ kind: 'stopped' })
      return step(state)
    case 'opening':
      if (event.type === 'engine-opened') return step({ phase: 'listening' }, 'start-source')
      if (event.type === 'engine-failed') return end({ kind: 'failed', error: event.error })
      if (event.type === 'stop') return end({ kind: 'stopped' }, 'abort-engine')
      return step(state)
    case 'listening':
      return stepListening(state, event)
    case 'draining':
      switch (event.type) {
        case 'source-ended':
        case 'source-failed':
          return step(state, 'close-engine')
        case 'engine-ended':
          return end(state.outcome)
        case 'engine-failed':
          return end({ kind: 'failed', error: event.error }, 'stop-source')
        case 'stop':
          // The recording was over, but its last words are not: the first wish to end is noted.
          if (state.outcome.kind === 'completed') {
            return step({ phase: 'draining', outcome: { kind: 'stopped' } })
          }
          return end(state.outcome, 'stop-source', 'abort-engine')
        case 'start':
        case 'engine-opened':
          return step(state)
      }
    case 'ended':
      return step(state)
  }
}

function stepListening(state: SessionState, event: SessionEvent): SessionStep {
  switch (event.type) {
    case 'source-ended':
      return step({ phase: 'draining', outcome: { kind: 'completed' } }, 'close-engine')
    case 'source-failed': {
      // What was heard before the microphone went is still worth its finals.
      const outcome = { kind: 'failed', error: event.error } as const
      return step({ phase: 'draining', outcome }, 'close-engine')
    }
    case 'stop':
      // The engine is closed when the source has ended, so that its last frames are heard.
      return step({ phase: 'draining', outcome: { kind: 'stopped' } }, 'stop-source')
    case 'engine-failed':
      return end({ kind: 'failed', error: event.error }, 'stop-source')
    case 'engine-ended': {
      const error = new SpeechError('engine_failed', 'The speech engine stopped by itself.')
      return end({ kind: 'failed', error }, 'stop-source')
    }
    case 'start':
    case 'engine-opened':
      return step(state)
  }
}

function step(state: SessionState, ...commands: SessionCommand[]): SessionStep {
  return { state, commands }
}

function end(outcome: SessionOutcome, ...commands: SessionCommand[]): SessionStep {
  return step({ phase: 'ended', outcome }, ...commands, 'finish')
}
