import type { Settings, SettingsPatch } from '../settings/settings.ts'
import type { CaptionMessage, DesktopState, KeyView, LevelView } from './desktop-state.ts'
import type { Watchable } from './newest-value.ts'

/** Formats that a transcript is written in. */
export const TRANSCRIPT_FORMATS = ['txt', 'srt', 'vtt', 'json'] as const
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number]

/**
 * What the windows can ask of the host. Methods reject with an error whose message is one sentence
 * for the user (HostError, SpeechError, CaptureError …).
 */
export interface DesktopServices {
  readonly state: Watchable<DesktopState>
  readonly captions: CaptionsService
  readonly session: SessionService
  readonly microphone: MicrophoneService
  readonly settings: SettingsService
  readonly models: ModelsService
  readonly account: AccountService
  readonly deepgram: DeepgramService
  readonly obs: ObsService
  readonly overlay: OverlayService
  readonly history: HistoryService
  readonly files: FilesService
  readonly recordings: RecordingsService
  readonly app: AppService
}

export interface CaptionsService {
  /** Everything that a window which opens now should show. */
  snapshot(): Extract<CaptionMessage, { type: 'snapshot' }>
  /** @returns stops it */
  onMessage(listener: (message: CaptionMessage) => void): () => void
  clear(): void
  /** Asks where to; null where the user changed their mind. */
  save(format: TranscriptFormat): Promise<{ path: string | null }>
}

export interface SessionService {
  start(): Promise<void>
  stop(): Promise<void>
  toggle(): Promise<void>
  mute(muted: boolean): void
}

export interface MicrophoneService {
  /** While somebody listens the microphone is open, also without a session. */
  readonly level: Watchable<LevelView>
  /** The system said that devices came or went. */
  hint(): void
}

export interface SettingsService extends Watchable<Settings> {
  /** @throws ZodError for what the schema does not take */
  update(patch: SettingsPatch): Settings
  /** Asks for the file where no path is given; null where the user changed their mind. */
  importYaml(path: string | undefined): Promise<ImportReport | null>
}

/** What became of the Python app's settings, in sentences for the user. */
export interface ImportReport {
  readonly imported: readonly string[]
  readonly secretsMoved: readonly string[]
  readonly problems: readonly string[]
}

export interface ModelsService {
  /** Resolves when the model is there and verified. */
  fetch(name: string): Promise<void>
  cancel(): void
  remove(name: string): Promise<void>
  /**
   * Measures this computer where that was not done yet, or is wanted again; the library that does
   * it is built where it is missing. In the first run the recommended model is chosen, where it is
   * to be had and the user has none yet.
   */
  recommend(again: boolean): Promise<void>
}

export interface Credentials {
  readonly serverUrl: string
  readonly email: string
  readonly password: string
}

export type Order = { readonly packageId: string } | { readonly amountCents: number }

/** What a server sells, as `billing.packages` answers. */
export interface Offer {
  readonly buying: boolean
  readonly packages: readonly {
    readonly id: string
    readonly label: string
    readonly seconds: number
    readonly price_cents: number
    readonly currency: string
  }[]
  /** Amounts that the buyer chooses; null: packs only. */
  readonly custom: {
    readonly seconds_per_dollar: number
    readonly min_cents: number
    readonly max_cents: number
  } | null
}

export interface AccountService {
  enter(how: 'login' | 'register', credentials: Credentials): Promise<void>
  logout(): Promise<void>
  packages(): Promise<Offer>
  /** Opens the payment page in the browser; what comes of it is seen in the state. */
  buy(order: Order): Promise<void>
}

export interface DeepgramService {
  /** Stores the key and asks the provider about it. */
  setKey(key: string): Promise<KeyView>
  removeKey(): Promise<void>
}

export interface ObsService {
  /** Empty forgets it. */
  setPassword(password: string): Promise<void>
  /** Adds or updates the browser source; one sentence about what was done. */
  addBrowserSource(overlay: string): Promise<string>
  inputs(): Promise<readonly string[]>
  scenes(): Promise<readonly string[]>
}

export interface OverlayService {
  copyUrl(overlay: string): void
  openPage(overlay: string): Promise<void>
  addFont(name: string, base64: string): Promise<void>
  removeFont(id: string): Promise<void>
}

export interface HistoryEntryView {
  readonly id: string
  readonly title: string
  /** Epoch, ms. */
  readonly startedAtMs: number
  readonly durationMs: number
  /** The beginning of the text, or where the search was found. */
  readonly excerpt: string
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntryView[]
  /** Asks for the next page; null on the last. */
  readonly cursor: string | null
}

export interface HistoryService {
  list(query: {
    readonly search?: string | undefined
    readonly cursor?: string | undefined
  }): Promise<HistoryPage>
  /** Asks where to; null where the user changed their mind. */
  export(id: string, format: TranscriptFormat): Promise<{ path: string | null }>
  rename(id: string, title: string): Promise<void>
  /** To the system's bin. */
  remove(id: string): Promise<void>
  show(id: string): Promise<void>
}

export interface FilesService {
  /** Null where the user changed their mind. */
  chooseFolder(): Promise<Settings | null>
  openFolder(): Promise<void>
}

export interface RecordingEntryView {
  readonly id: string
  /** Epoch, ms. */
  readonly startedAtMs: number
  readonly bytes: number
  /** It is being made. */
  readonly isLive: boolean
}

/** Recordings of sessions for fault reports. */
export interface RecordingsService {
  /** The newest first; twenty at most are kept. */
  list(): Promise<readonly RecordingEntryView[]>
  show(id: string): Promise<void>
  /** Asks where to; null where the user changed their mind. */
  saveCopy(id: string): Promise<{ path: string | null }>
  remove(id: string): Promise<void>
}

export interface AppInfo {
  readonly version: string
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string
  /** Undefined outside Electron. */
  readonly electron: string | undefined
  readonly dataDir: string
  /** What a keyboard tool runs instead of a hotkey, up to the verb: `saywire ctl`. */
  readonly ctlCommand: string
}

export interface AppService {
  info(): AppInfo
  finishFirstRun(): void
  dismissNotice(id: number): void
  openLogs(): void
  installUpdate(): void
}
