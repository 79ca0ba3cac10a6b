import type { HotkeyAction } from '../settings/settings.ts'

/**
 * Everything that the window shows beside captions, levels and settings. Plain data: it crosses to
 * the renderer whole whenever it changes, and holds no secret.
 */
export interface DesktopState {
  readonly session: SessionView
  readonly microphones: readonly MicrophoneView[]
  readonly model: ModelView
  readonly account: AccountView
  readonly deepgramKey: KeyView
  readonly overlay: OverlayView
  readonly obs: ObsView
  readonly hotkeys: Readonly<Record<HotkeyAction, HotkeyView>>
  /** How well this machine keeps secrets; `weak` and `none` are told to the user. */
  readonly secretStorage: 'keychain' | 'weak' | 'none'
  /** Percentiles over the last captions; undefined where nothing was measured. */
  readonly latency: LatencyView | undefined
  /** The recording of the session that is being made; undefined where none is. */
  readonly recording: RecordingView | undefined
  readonly update: UpdateView
  readonly spending: SpendingView
  readonly standIn: StandInView
  /** What the user should know, newest last; at most ten. */
  readonly notices: readonly NoticeView[]
}

/** Kinds of `sessionIndicator()` (core/session.ts): one picture, one word, never ambiguous. */
export type IndicatorKind =
  | 'idle'
  | 'starting'
  | 'listening'
  | 'muted'
  | 'reconnecting'
  | 'fallback'
  | 'no_microphone'
  | 'out_of_credit'
  | 'cap_reached'
  | 'access_refused'
  | 'stopping'
  | 'failed'

export interface SessionView {
  readonly indicator: IndicatorKind
  /** One sentence that explains the indicator where it needs explaining. */
  readonly sentence: string | undefined
  readonly isRunning: boolean
  readonly isMuted: boolean
  /** Epoch, ms; undefined where no session runs. */
  readonly startedAtMs: number | undefined
  /** The engine that speaks now: `whisper base.en`, `deepgram nova-3`. */
  readonly backend: string | undefined
  /** It is not the chosen one that speaks. */
  readonly isFallback: boolean
  /** Why the chosen engine does not speak, whatever the indicator shows besides. */
  readonly trouble: string | undefined
  /** When the chosen engine is tried again, epoch, ms; undefined where that is not planned. */
  readonly nextTryAtMs: number | undefined
  /** What befell the chosen engine in this session or the last one, newest last; at most fifty. */
  readonly incidents: readonly IncidentView[]
  /** The microphone that is recorded now. */
  readonly device: string | undefined
  /** Silence that was not sent, whole seconds in ms, of this session or the one that ended last. */
  readonly silenceMs: number
  /** Why Start is disabled; empty where it is not. */
  readonly startBlockers: readonly StartBlocker[]
}

/** The chosen engine failed. Times are epoch, ms. */
export interface IncidentView {
  readonly atMs: number
  readonly sentence: string
  /** Undefined where no other engine has spoken. */
  readonly tookOver: { readonly atMs: number; readonly backend: string } | undefined
  /** The chosen engine spoke again; undefined where it did not yet. */
  readonly backAtMs: number | undefined
}

/** Audio that cloud engines have accepted, ms. */
export interface SpendingView {
  /** In this session, or the last one. */
  readonly sessionMs: number
  readonly todayMs: number
  readonly monthMs: number
  /** The limit that is reached. */
  readonly reached: 'session' | 'day' | 'month' | undefined
  /** What to do about it. */
  readonly sentence: string | undefined
}

/** The local engine that speaks while the chosen one, a cloud engine, cannot. */
export interface StandInView {
  /**
   * `off`: the user wants none, or the chosen engine is local itself; `missing`: its model is not
   * on this machine; `unfit`: the model does not know the language; `cold`: it is loaded when it
   * is needed; `warm`: it is in memory.
   */
  readonly status: 'off' | 'missing' | 'unfit' | 'cold' | 'loading' | 'warm' | 'failed'
  readonly model: string
  /** What went wrong where it failed. */
  readonly sentence: string | undefined
}

export interface RecordingView {
  readonly id: string
  /** In the folder `recordings` of the app's own. */
  readonly fileName: string
}

export interface StartBlocker {
  readonly code:
    | 'no_microphone'
    | 'model_missing'
    | 'model_fetching'
    /** The local model knows only English, and another language is chosen. */
    | 'language_unknown'
    | 'server_url_missing'
    | 'not_logged_in'
    | 'no_credit'
    | 'cap_reached'
    | 'key_missing'
    | 'key_invalid'
  /** What to do about it, in one sentence. */
  readonly sentence: string
}

export interface MicrophoneView {
  readonly name: string
  /** Channels that it offers. */
  readonly channels: number
  readonly isDefault: boolean
}

/** The local engine's model, and the speech library that it needs. */
export interface ModelView {
  readonly name: string
  readonly status: 'missing' | 'fetching' | 'building' | 'ready' | 'failed'
  readonly receivedBytes: number
  /** Undefined where only the source can tell. */
  readonly totalBytes: number | undefined
  /** 0–100 while the speech library is built. */
  readonly buildPercent: number | undefined
  /** Where it comes from, or what went wrong and what to do. */
  readonly sentence: string | undefined
  readonly catalogue: readonly {
    readonly name: string
    readonly sizeBytes: number | undefined
    /** What it holds in memory, about; undefined where nobody has measured it. */
    readonly memoryBytes: number | undefined
    readonly languages: 'english' | 'multilingual'
    readonly isPresent: boolean
    /** Why it is too much for this computer, as far as that was measured. */
    readonly strain: 'slow' | 'memory' | undefined
  }[]
  /** This computer is being measured, which takes two seconds. */
  readonly isMeasuring: boolean
  /** The model for this computer, and why in one sentence; undefined until it was measured. */
  readonly recommended: { readonly name: string; readonly because: string } | undefined
}

export interface AccountView {
  readonly status: 'none' | 'checking' | 'logged_in' | 'expired' | 'unreachable'
  readonly serverUrl: string
  readonly email: string | undefined
  /** Prepaid audio left, ms. */
  readonly balanceMs: number | undefined
  /** The server warned, and no top-up came since. */
  readonly isLow: boolean
  /** `waiting`: Checkout is open in the browser. */
  readonly purchase: 'none' | 'waiting' | 'paid' | 'failed'
  readonly sentence: string | undefined
}

export interface KeyView {
  readonly status: 'none' | 'checking' | 'valid' | 'invalid' | 'unverified'
  /** The last four characters, to tell keys apart. */
  readonly hint: string | undefined
  readonly sentence: string | undefined
}

export interface OverlayView {
  /** `http://127.0.0.1:8080/`; undefined where the port cannot be had. */
  readonly url: string | undefined
  readonly problem: string | undefined
  /** Pages that are open now. */
  readonly viewers: number
  readonly fonts: readonly { readonly id: string; readonly name: string }[]
}

export interface ObsView {
  readonly status: 'off' | 'connecting' | 'connected' | 'wrong_password' | 'unreachable'
  readonly sentence: string | undefined
  readonly version: string | undefined
  readonly isStreaming: boolean
  readonly isRecording: boolean
  readonly hasPassword: boolean
}

export interface HotkeyView {
  /** `unsupported`: this desktop cannot deliver it; `saywire ctl` can. */
  readonly status: 'none' | 'active' | 'taken' | 'unsupported'
  readonly sentence: string | undefined
}

/** Milliseconds. A stage that cannot be measured now is undefined. */
export interface Percentiles {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly count: number
}

export interface LatencyView {
  readonly captureToEngine: Percentiles | undefined
  readonly engineToCaption: Percentiles | undefined
  readonly captionToPainted: Percentiles | undefined
  readonly total: Percentiles | undefined
  /** How far the overlay's clock may be off, ms. */
  readonly uncertaintyMs: number | undefined
}

export interface UpdateView {
  readonly status: 'off' | 'none' | 'checking' | 'downloading' | 'ready' | 'failed'
  readonly version: string | undefined
}

export interface NoticeView {
  readonly id: number
  /** Epoch, ms. */
  readonly atMs: number
  readonly level: 'info' | 'warning' | 'error'
  readonly sentence: string
}

/** A caption as the window shows it, word rules applied. Times are ms on the capture clock. */
export interface CaptionView {
  /** Unique and rising within a run of the app. */
  readonly id: number
  readonly text: string
  readonly startMs: number
  readonly endMs: number
  /** Spoken by the fall-back engine. */
  readonly isFallback: boolean
}

export type CaptionMessage =
  /** First, and after Clear: everything that the window should show. */
  | {
      readonly type: 'snapshot'
      readonly captions: readonly CaptionView[]
      readonly interim: string
      readonly settledChars?: number
    }
  | { readonly type: 'final'; readonly caption: CaptionView }
  | {
      readonly type: 'interim'
      readonly text: string
      /** Its first characters that will not change any more. Default: none that the engine tells of. */
      readonly settledChars?: number
    }

/** About 20 a second while somebody looks. dBFS, 0 is full scale; -100 where it is silent. */
export interface LevelView {
  readonly rmsDbfs: number
  readonly peakDbfs: number
}
