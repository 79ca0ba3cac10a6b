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
  /** An utterance has begun and is not over: no time to change engines without need. */
  readonly isSpeaking: boolean
  /** How often the chosen engine was tried beside its stand-in since it last proved itself. */
  readonly returns: number
}

/** The chosen engine on its way back, beside the engine that listens. */
export type Standby =
  | 'none'
  /** Opened because the user asked for it: it takes over once it is open. */
  | 'wished'
  /** Opened with other settings: it takes over once what was said before them is final. */
  | 'changed'
  | 'tried'
  /** Open; it must stay so for a while. */
  | 'proving'
  /** It takes over when the utterance ends, and soon in any case. */
  | 'due'

/**
 * idle → starting (the first engine opens) → listening (audio flows) ⇄ reconnecting (the chosen
 * engine is opened again) or falling_back (the fall-back is opened) or awaiting_user → draining
 * (audio is over, the last finals arrive) → ended.
 */
export type SessionPhase =
  | { readonly phase: 'idle' }
  | { readonly phase: 'starting' }
  | {
      readonly phase: 'listening'
      /** `former`: the one from before another was chosen, which could not be had. */
      readonly speaker: EngineRole | 'former'
      /** Why the chosen engine does not speak; undefined where it does. */
      readonly failure: SpeechError | undefined
      readonly standby: Standby
      /** Tries that this engine took; 0 once it has listened for a while. */
      readonly tries: number
      /** The engine itself has lost its backend, and is getting another one. */
      readonly isRecovering: boolean
    }
  | {
      readonly phase: 'reconnecting'
      /** Tries of the chosen engine, from 1. */
      readonly attempt: number
      /** Why it does not speak. */
      readonly failure: SpeechError
    }
  | {
      readonly phase: 'falling_back'
      /** Tries of the fall-back, from 1. */
      readonly attempt: number
      /** Why the chosen engine does not speak. */
      readonly failure: SpeechError
      /** A fall-back may be long in loading: the chosen engine is tried meanwhile. */
      readonly standby: 'none' | 'tried'
    }
  /**
   * Nothing is transcribed until the user has paid, logged in or raised a limit; audio is kept as
   * long as it can be.
   */
  | { readonly phase: 'awaiting_user'; readonly failure: SpeechError }
  | {
      readonly phase: 'draining'
      readonly outcome: SessionOutcome
      readonly role: EngineRole
      readonly engine: 'opening' | 'open'
      /** Why an engine was opened again for the last words, where one was. */
      readonly failure: SpeechError | undefined
      /** Tries that failed since the audio was over. */
      readonly tries: number
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
  /** The engine has lost its backend and gets another one by itself, and then has got it. */
  | { readonly type: 'engine-reconnecting' | 'engine-recovered' }
  | { readonly type: 'utterance-began' | 'utterance-ended' }
  /** What `wait` asked for. */
  | { readonly type: 'time-up'; readonly what: SessionTimer }
  /** There is new hope for what time does not mend: credit, a login, a raised limit. */
  | { readonly type: 'retry-chosen' }
  /** The fall-back can be had from now on, or no more. */
  | { readonly type: 'fallback-changed'; readonly isUsable: boolean }
  /** The user chose another engine. */
  | { readonly type: 'engine-chosen' }
  /** Every engine is to be opened with other settings. */
  | { readonly type: 'reconfigured' }
  /** The first audio. */
  | { readonly type: 'source-began' }
  | { readonly type: 'source-ended' }
  | { readonly type: 'source-failed'; readonly error: CaptureError }
  | { readonly type: 'device-changed'; readonly isPresent: boolean }
  | { readonly type: 'mute'; readonly muted: boolean }
  /** The user wants the session to end; the second time, at once. */
  | { readonly type: 'stop' }

/** What a session waits for. */
export type SessionTimer =
  /** The engine is opened again. */
  | 'retry'
  /** The fall-back takes over. */
  | 'patience'
  /** The chosen engine is tried beside the engine that listens, or that loads. */
  | 'chosen'
  /** The standby has been open long enough to be trusted. */
  | 'healthy'
  /** The standby takes over though the utterance goes on. */
  | 'swap'
  /** The engine that listens has proved itself. */
  | 'proved'

export type SessionCommand =
  /** Open this engine in place of the one there is, from the committed horizon. */
  | {
      readonly do: 'open'
      readonly role: EngineRole
      /** An engine that is not ready by then has failed; undefined: it has all the time it needs. */
      readonly withinMs: number | undefined
    }
  /**
   * Report `time-up` after a random time in `[minMs, maxMs]`, unless the session enters another
   * phase meanwhile, or waits anew for the same.
   */
  | {
      readonly do: 'wait'
      readonly what: SessionTimer
      readonly minMs: number
      readonly maxMs: number
    }
  /** Open the chosen engine while the present one goes on. */
  | { readonly do: 'open-standby'; readonly withinMs: number | undefined }
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
  return { ...facts, isSpeaking: false, returns: 0, source: 'waiting', phase: 'idle' }
}
