import type { CaptionSink } from '../core/ports.ts'
import type { Settings } from '../settings/settings.ts'
import type { BrowserSourceOrder, BrowserSourceResult } from './browser-source.ts'
import { addBrowserSource } from './browser-source.ts'
import type { CaptionPace } from './caption-sender.ts'
import { CAPTION_PACE, createCaptionSender } from './caption-sender.ts'
import { createMuteFollower } from './follow-mute.ts'
import { createOutputFollower } from './follow-outputs.ts'
import { keepSession } from './keep-session.ts'
import { ObsError } from './obs-error.ts'
import { listInputs, listScenes } from './obs-lists.ts'
import type { ObsOutputs } from './obs-outputs.ts'
import { watchOutputs } from './obs-outputs.ts'
import type { ObsSession } from './obs-session.ts'

export type ObsSettings = Settings['obs']

/** Where the connection stands. The sentence is for the user. */
export type ObsState = { readonly sentence: string } & (
  | { readonly status: 'off' | 'connecting' | 'wrong_password' | 'unreachable' }
  | ({ readonly status: 'connected'; readonly version: string } & ObsOutputs)
)

/** What OBS wants of the host. */
export type ObsEvent =
  | { readonly type: 'start' | 'stop' | 'mute' | 'unmute' }
  /** The followed input was renamed in OBS; the setting should be, too. */
  | { readonly type: 'mute_input_renamed'; readonly inputName: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly sentence: string }

export interface ObsConnectionDeps {
  readonly settings: ObsSettings
  /** From the keychain, before each attempt; undefined where the user gave none. */
  password(): Promise<string | undefined>
  /** One call for each change of the connection. Never a secret. */
  log(level: 'info' | 'warning', sentence: string): void
  /** Performance clock, ms: `recordingStartedAtMs` is on it. */
  now?(): number
  /** 0–1. */
  random?(): number
  readonly timing?: Partial<ObsTiming>
}

export interface ObsTiming {
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly heartbeatMs: number
  readonly pace: CaptionPace
}

const TIMING: ObsTiming = {
  connectTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
  heartbeatMs: 10_000,
  pace: CAPTION_PACE,
}

export interface ObsConnection {
  state(): ObsState
  onChange(listener: (state: ObsState) => void): () => void
  onEvent(listener: (event: ObsEvent) => void): () => void
  /** Native closed captions: shown while OBS streams, dropped else. */
  readonly captions: CaptionSink
  /** Applies settings at once. Also tries again after a refused password. */
  update(settings: ObsSettings): void
  /** @throws ObsError */
  addBrowserSource(order: BrowserSourceOrder): Promise<BrowserSourceResult>
  /** Names of the inputs that have sound, in OBS' order. @throws ObsError */
  listInputs(): Promise<string[]>
  /** Names of the scenes as OBS lists them. @throws ObsError */
  listScenes(): Promise<string[]>
  close(): Promise<void>
}

/**
 * Saywire's side of OBS. Whatever OBS does, captions go on: requests that a person made reject with
 * ObsError, and everything else that fails is a state.
 */
export function createObsConnection(deps: ObsConnectionDeps): ObsConnection {
  const now = deps.now ?? (() => performance.now())
  const timing = { ...TIMING, ...deps.timing }
  const stateListeners = new Set<(state: ObsState) => void>()
  const eventListeners = new Set<(event: ObsEvent) => void>()
  let settings = deps.settings
  let state: ObsState = OFF
  let session: ObsSession | undefined
  let keeper: { readonly stop: AbortController; readonly done: Promise<void> } | undefined

  const emit = (event: ObsEvent) => eventListeners.forEach((listener) => listener(event))

  const followOutputs = createOutputFollower((type) => emit({ type }))
  const mute = createMuteFollower({
    emit: (type) => emit({ type }),
    onRenamed: (inputName) => {
      settings = { ...settings, muteInput: inputName }
      emit({ type: 'mute_input_renamed', inputName })
    },
    onMissing: (sentence) => emit({ type: 'notice', level: 'warning', sentence }),
  })
  const captions = createCaptionSender({
    send: async (captionText) => {
      await connected().call('SendStreamCaption', { captionText })
    },
    isWanted: () => settings.sendCaptions && state.status === 'connected' && state.isStreaming,
    sendsInterims: () => settings.captionInterims,
    onForeignLetters: () => emit({ type: 'notice', level: 'info', sentence: FOREIGN_LETTERS }),
    now,
    pace: timing.pace,
  })

  function setState(next: ObsState): void {
    const isNews = next.sentence !== state.sentence
    state = next
    captions.refresh()
    if (isNews) deps.log(isTrouble(next) ? 'warning' : 'info', next.sentence)
    stateListeners.forEach((listener) => listener(next))
  }

  function connected(): ObsSession {
    if (session === undefined) throw new ObsError('not_connected')
    return session
  }

  async function onUp(opened: ObsSession): Promise<void> {
    session = opened
    const { obsVersion: version } = await opened.call('GetVersion')
    const sentence = `Connected to OBS ${version}.`
    const onOutputs = (outputs: ObsOutputs) => {
      if (session !== opened) return
      setState({ status: 'connected', sentence, version, ...outputs })
      followOutputs(outputs, settings.follow)
    }
    watchOutputs({ session: opened, now, heartbeatMs: timing.heartbeatMs, onOutputs })
    mute.attach(opened)
  }

  function onDown(reason: ObsError): void {
    session = undefined
    const status = reason.code === 'wrong_password' ? 'wrong_password' : 'unreachable'
    setState({ status, sentence: reason.message })
  }

  function connect(): void {
    const stop = new AbortController()
    setState(CONNECTING)
    const done = keepSession(
      {
        url: settings.url,
        password: deps.password,
        connectTimeoutMs: timing.connectTimeoutMs,
        requestTimeoutMs: timing.requestTimeoutMs,
        onUp: (opened) => {
          onUp(opened).catch(() => opened.end(new ObsError('no_answer')))
        },
        onDown,
        random: deps.random ?? Math.random,
        now,
      },
      stop.signal,
    )
    keeper = { stop, done }
  }

  function disconnect(): void {
    keeper?.stop.abort()
    keeper = undefined
    session = undefined
  }

  function apply(next: ObsSettings, before: ObsSettings | undefined): void {
    settings = next
    mute.follow(next.muteInput)
    const isOther = next.url !== before?.url || next.enabled !== before.enabled
    if (isOther || state.status === 'wrong_password') {
      disconnect()
      if (next.enabled) connect()
      else setState(OFF)
    } else if (state.status === 'connected') {
      followOutputs(state, next.follow)
      captions.refresh()
    }
  }

  if (settings.enabled) apply(settings, undefined)

  return {
    state: () => state,
    onChange: (listener) => subscribe(stateListeners, listener),
    onEvent: (listener) => subscribe(eventListeners, listener),
    captions: captions.sink,
    update: (next) => apply(next, settings),
    addBrowserSource: async (order) => addBrowserSource(connected(), order),
    listInputs: async () => listInputs(connected()),
    listScenes: async () => listScenes(connected()),
    close: async () => {
      const { done } = keeper ?? {}
      disconnect()
      captions.close()
      state = OFF
      await done
    },
  }
}

const OFF: ObsState = { status: 'off', sentence: 'Saywire does not look for OBS.' }
const CONNECTING: ObsState = { status: 'connecting', sentence: 'Connecting to OBS.' }
const FOREIGN_LETTERS =
  'Closed captions of OBS have Latin letters only, so some words are missing there: use the overlay for this language.'

function isTrouble({ status }: ObsState): boolean {
  return status === 'wrong_password' || status === 'unreachable'
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
