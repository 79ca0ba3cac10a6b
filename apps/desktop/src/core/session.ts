import type { SpeechError } from '@saywire/speech'
import type { CaptureError } from './ports.ts'

/** How a caption session ended. */
export type SessionOutcome =
  /** The audio was over and every word is final. */
  | { readonly kind: 'completed' }
  /** The user ended it. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: SpeechError | CaptureError }

/** The engine that the user chose, or the one that takes over while it cannot be had. */
export type EngineRole = 'chosen' | 'fallback'

/** What is true of a session whatever its phase is. */
export interface SessionFacts {
  /** A failed engine is opened again, or replaced; otherwise it ends the session. */
  readonly recovers: boolean
  /** `failed`: of no use either, until the chosen engine has proved itself once more. */
  readonly fallback: 'none' | 'ready' | 'failed'
  readonly isMuted: boolean
  /** False while the source has no device to record. */
  readonly hasDevice: boolean
  readonly source: 'waiting' | 'running' | 'over'
  /** False until the source has delivered something: a device takes a second or two to begin. */
  readonly hasAudio: boolean
}

/**
 * idle → starting (the first engine opens) → listening (audio flows) ⇄ reconnecting → draining
 * (audio is over, the last finals arrive) → ended.
 */
export type SessionPhase =
  | { readonly phase: 'idle' }
  | { readonly phase: 'starting' }
  | {
      readonly phase: 'listening'
      /** Why the chosen engine does not speak; undefined where it does. */
      readonly failure: SpeechError | undefined
      /** The chosen engine is being opened beside the one that listens. */
      readonly standby: boolean
      /** Tries that this engine took; 0 once it has listened for a while. */
      readonly tries: number
    }
  | {
      readonly phase: 'reconnecting'
      readonly role: EngineRole
      /** Tries of this engine, from 1. */
      readonly attempt: number
      /** Why the chosen engine does not speak. */
      readonly failure: SpeechError
    }
  /** Nothing is transcribed until the user has paid; audio is kept as long as it can be. */
  | { readonly phase: 'out_of_credit'; readonly failure: SpeechError }
  | {
      readonly phase: 'draining'
      readonly outcome: SessionOutcome
      readonly role: EngineRole
      readonly engine: 'opening' | 'open'
      /** Why an engine was opened again for the last words, where one was. */
      readonly failure: SpeechError | undefined
    }
  | { readonly phase: 'ended'; readonly outcome: SessionOutcome }

export type SessionState = SessionFacts & SessionPhase

export type SessionEvent =
  | { readonly type: 'start' }
  /** The engine that `open` asked for is ready. */
  | { readonly type: 'engine-opened' }
  /** The engine did not open, or failed later. */
  | { readonly type: 'engine-failed'; readonly error: SpeechError }
  /** The engine has nothing more to say. */
  | { readonly type: 'engine-ended' }
  | { readonly type: 'standby-opened' }
  | { readonly type: 'standby-failed'; readonly error: SpeechError }
  /** What `wait` asked for. */
  | { readonly type: 'time-up' }
  /** There is new hope for what time does not mend: credit, a login. */
  | { readonly type: 'retry-chosen' }
  /** The user chose another engine, or other settings for it. */
  | { readonly type: 'engine-chosen' }
  /** The first audio. */
  | { readonly type: 'source-began' }
  | { readonly type: 'source-ended' }
  | { readonly type: 'source-failed'; readonly error: CaptureError }
  | { readonly type: 'device-changed'; readonly isPresent: boolean }
  | { readonly type: 'mute'; readonly muted: boolean }
  /** The user wants the session to end; the second time, at once. */
  | { readonly type: 'stop' }

export type SessionCommand =
  /** Open this engine in place of the one there is, from the committed horizon. */
  | {
      readonly do: 'open'
      readonly role: EngineRole
      /** An engine that is not ready by then has failed; undefined: it has all the time it needs. */
      readonly withinMs: number | undefined
    }
  /** Report `time-up` later, unless something else is opened or waited for meanwhile. */
  | { readonly do: 'wait'; readonly delayMs: number }
  /** Open the chosen engine while the present one goes on. */
  | { readonly do: 'open-standby' }
  /** Put the standby in the engine's place at the committed horizon. */
  | { readonly do: 'swap' }
  | { readonly do: 'start-source' | 'stop-source' }
  | { readonly do: 'mute'; readonly muted: boolean }
  /** Flush the last finals. */
  | { readonly do: 'close-engine' }
  /** Let go of everything and report the outcome. */
  | { readonly do: 'finish' }

export interface SessionStep {
  readonly state: SessionState
  readonly commands: readonly SessionCommand[]
}

export interface SessionPolicy {
  readonly recovers: boolean
  readonly hasFallback: boolean
  readonly isMuted: boolean
}

export function idleSession(policy: SessionPolicy): SessionState {
  const { recovers, hasFallback, isMuted } = policy
  const fallback = recovers && hasFallback ? 'ready' : 'none'
  const facts = { recovers, fallback, isMuted, hasDevice: true, hasAudio: false } as const
  return { ...facts, source: 'waiting', phase: 'idle' }
}
