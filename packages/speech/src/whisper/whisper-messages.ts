import type { SpeechEvent } from '../speech-event.ts'
import type { Pace } from './decoding/catch-up.ts'
import type { Guard } from './decoding/guards.ts'
import type { MachineMeasure } from './fit/machine-measure.ts'
import type { WhisperLibrary } from './library/whisper-binding.ts'

/** What a session of the whisper process needs of a `TranscribeConfig`. */
export interface WhisperSessionConfig {
  /** Capture-clock position of the first sample, ms. */
  readonly startMs: number
  /** ISO 639-1, or `auto`. */
  readonly language: string
  readonly interims: boolean
  /** Silence that ends an utterance, ms; undefined: pauses end segments, but no utterance. */
  readonly endpointMs: number | undefined
  readonly utteranceEndMs: number | undefined
  /** Into English; only where the model can and the language is another. */
  readonly translate: boolean
  /** Names and terms that may be said, the most important first. */
  readonly vocabulary: readonly string[]
  /** Guards against invented words that are left out, to measure what each is worth. */
  readonly disabledGuards: readonly Guard[]
}

/** Events that the process makes; errors and credit are its owner's. */
export type WhisperEvent = Exclude<SpeechEvent, { type: 'error' | 'receipt' | 'credits-low' }>

/** To the whisper process. `session` is a number that the owner chose. */
export type WhisperRequest =
  | {
      readonly type: 'load'
      readonly library: WhisperLibrary
      readonly modelPath: string
      /** Undefined where it is not there: voice is then told by loudness. */
      readonly voiceModelPath: string | undefined
      readonly threads: number
      /** Use the GPU where the library is built for one and the machine has it. */
      readonly gpu: boolean
    }
  /** In place of a model: how fast this machine is. */
  | { readonly type: 'measure'; readonly library: WhisperLibrary; readonly threads: number }
  | { readonly type: 'open'; readonly session: number; readonly config: WhisperSessionConfig }
  /** PCM s16le, about 40 ms at a time. */
  | { readonly type: 'audio'; readonly session: number; readonly pcm: Uint8Array }
  | { readonly type: 'finalize'; readonly session: number }
  /** Flush the last finals, then answer `ended`. */
  | { readonly type: 'close'; readonly session: number }
  /** Forget the session; nothing is answered. */
  | { readonly type: 'drop'; readonly session: number }

/** What a session of the process is told. */
export type SessionRequest = Exclude<WhisperRequest, { type: 'load' | 'measure' }>

/** From the whisper process. */
export type WhisperReply =
  /** The library is there, the model comes next. `gpu`: name of the one that it goes to. */
  | { readonly type: 'loading'; readonly gpu?: string }
  /**
   * `slowBecause`: the shipped library did not load, for this reason, and another stands in.
   * `energyBecause`: voice is told by loudness alone, for this reason. `gpu`: name of the one that
   * is used.
   */
  | {
      readonly type: 'loaded'
      readonly slowBecause?: string
      readonly energyBecause?: string
      readonly gpu?: string
    }
  | { readonly type: 'measured'; readonly measure: MachineMeasure }
  /** The process ends after this. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'event'; readonly session: number; readonly event: WhisperEvent }
  /** Audio heard so far, and how much of it waits to be decoded; both in ms. */
  | {
      readonly type: 'progress'
      readonly session: number
      readonly heardMs: number
      readonly waitingMs: number
    }
  /** It does less than everything because it is late; `full`: it has caught up. */
  | { readonly type: 'pace'; readonly session: number; readonly pace: Pace }
  /** Too much waited: speech of this length will have no final. */
  | { readonly type: 'unheard'; readonly session: number; readonly durationMs: number }
  | { readonly type: 'ended'; readonly session: number }
