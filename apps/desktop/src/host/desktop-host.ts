import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ModelSource, WhisperLibrary, WhisperProcess } from '@saywire/speech/whisper'
import { createAccount } from '../account/account.ts'
import { createCreditSink } from '../account/credit-sink.ts'
import { createDeepgramKey } from '../account/deepgram-key.ts'
import type { DesktopSecrets } from '../account/secret-store.ts'
import { createToldSecrets } from '../account/told-secrets.ts'
import type { DesktopState } from '../api/desktop-state.ts'
import type { Watchable } from '../api/newest-value.ts'
import type { DesktopRouter } from '../api/router.ts'
import { createDesktopRouter } from '../api/router.ts'
import type { StartCaptureChild } from '../capture/capture-child.ts'
import type { CaptionSink } from '../core/ports.ts'
import type { DesktopEnv } from '../env.ts'
import { openControl } from '../control/open-control.ts'
import { createLocalModel } from '../models/local-model.ts'
import { createRememberedMachine } from '../models/machine-figures.ts'
import type { Settings, WordOutput } from '../settings/settings.ts'
import { openSettingsStore } from '../settings/settings-store.ts'
import { createEnginesArea } from './engines-area.ts'
import { createFilesArea } from './files-area.ts'
import { followSettings } from './follow-settings.ts'
import { createHotkeysArea } from './hotkeys-area.ts'
import { initialState } from './initial-state.ts'
import { createLanguageSwitch } from './language-switch.ts'
import { createMicrophoneArea } from './microphone-area.ts'
import { createNotices } from './notices.ts'
import type { FontStore } from '../overlay/font-store.ts'
import { createOverlayArea } from './overlay-area.ts'
import { createObsArea } from './obs-area.ts'
import { createRuledSink } from './ruled-sink.ts'
import { createRecordingsArea } from './recordings-area.ts'
import { createServices } from './services.ts'
import type { ShellPort } from './shell-port.ts'
import { startBlockers } from './start-blockers.ts'
import { createStateStore } from './state-store.ts'
import { createWindowCaptions } from './window-captions.ts'

export interface DesktopHostDeps {
  readonly env: DesktopEnv
  readonly secrets: DesktopSecrets
  readonly shell: ShellPort
  readonly version: string
  /** The user's documents. Default: the folder Documents in their home. */
  readonly documentsDir?: string
  /** How the capture process is started; default: a child of this process. */
  readonly startCapture?: StartCaptureChild
  /** How the whisper process is started; default: a child of this process. */
  readonly spawnWhisper?: () => WhisperProcess
  /** The speech library that came with the app; default: one built on this machine. */
  readonly whisperLibrary?: WhisperLibrary
  /** Where models come from; default: the model hub, then an npm package. */
  readonly modelSources?: (name: string) => readonly ModelSource[]
  /** For the log file: no captions, no secrets. */
  log(level: 'info' | 'warning' | 'error', sentence: string): void
  /** What a keyboard tool runs in place of a hotkey, up to the verb. Default: `saywire ctl`. */
  readonly ctlCommand?: string
  /** Epoch, ms. */
  readonly now?: () => number
}

/** The app without its shell: everything that windows, tray, hotkeys and `saywire ctl` do. */
export interface DesktopHost {
  readonly router: DesktopRouter
  readonly state: Watchable<DesktopState>
  readonly settings: Watchable<Settings>
  /** @throws HostError `not_possible` with what is missing */
  start(): Promise<void>
  stop(): Promise<void>
  toggle(): Promise<void>
  mute(muted: boolean): void
  /** A font that the user brought, for the preview in the window. */
  readonly readFont: FontStore['read']
  /** The system said that audio devices came or went. */
  hintDevices(): void
  /** Ends the session with its last words (15 s at most), then everything else. */
  close(): Promise<void>
}

const CTL_COMMAND = 'saywire ctl'
/** At what changes without a word: delays, the day. */
const LOOK_EVERY_MS = 1000

/** Puts the app together. Nothing here needs Electron. */
export async function createDesktopHost(deps: DesktopHostDeps): Promise<DesktopHost> {
  const { env, shell, log, now = Date.now, ctlCommand = CTL_COMMAND } = deps
  const early: string[] = []
  let onSettingsProblem = (sentence: string) => void early.push(sentence)
  const settings = await openSettingsStore({
    file: join(env.dataDir, 'settings.json'),
    onProblem: (sentence) => onSettingsProblem(sentence),
    now,
  })
  const microphones = createMicrophoneArea({
    settings: settings.get().microphone,
    startCapture: deps.startCapture,
    publish: (views) => store.set('microphones', views),
    log: (sentence) => log('warning', sentence),
  })
  const blockersIn = (state: DesktopState) => {
    const { transcription } = settings.get()
    return startBlockers({ ...state, transcription, microphones: microphones.count() })
  }
  const store = createStateStore(initialState(deps.secrets.storage), (state) => ({
    ...state,
    session: { ...state.session, startBlockers: blockersIn(state) },
  }))
  const blockers = () => blockersIn(store.get())
  const notices = createNotices({ publish: (list) => store.set('notices', list), now })
  onSettingsProblem = (sentence) => {
    log('warning', sentence)
    notices.add('warning', sentence)
  }
  for (const sentence of early) onSettingsProblem(sentence)

  const secrets = createToldSecrets(deps.secrets, onSettingsProblem)
  const captions = createWindowCaptions()
  const overlay = createOverlayArea({
    fontsDir: join(env.dataDir, 'fonts'),
    shell,
    publish: (view) => store.set('overlay', view),
    onPaint: (caption) => captioning.painted(caption),
    log: (sentence) => log('warning', sentence),
  })
  const files = createFilesArea({
    settings,
    shell,
    historyDir: join(env.dataDir, 'history'),
    defaultFolder: join(deps.documentsDir ?? join(homedir(), 'Documents'), 'Saywire'),
    onNotice: notices.add,
  })
  const recordings = createRecordingsArea({
    settings,
    shell,
    folder: join(env.dataDir, 'recordings'),
    version: deps.version,
    publish: (view) => store.set('recording', view),
    onNotice: notices.add,
    now,
  })
  const model = createLocalModel({
    env,
    machine: createRememberedMachine({ dataDir: env.dataDir, spawn: deps.spawnWhisper }),
    wanted: () => settings.get().transcription,
    publish: (view) => store.set('model', view),
    onNotice: (sentence) => notices.add('warning', sentence),
    ...(deps.whisperLibrary && { library: deps.whisperLibrary }),
    ...(deps.modelSources && { sources: deps.modelSources }),
  })
  const deepgramKey = createDeepgramKey({
    secrets,
    deepgramUrl: env.deepgramUrl,
    publish: (view) => store.set('deepgramKey', view),
    onNewKey() {
      if (settings.get().transcription.mode === 'byok') void captioning.switchEngine()
    },
  })
  const account = createAccount({
    secrets,
    deviceName: hostname(),
    publish: (view) => store.set('account', view),
    onNotice: notices.add,
    onServerChosen: (serverUrl) => void settings.update({ transcription: { serverUrl } }),
    onHope: () => captioning.retryChosen(),
    openExternal: shell.openExternal,
  })
  const ruled = (output: WordOutput, sink: CaptionSink) =>
    createRuledSink(sink, output, () => settings.get().words)
  const engines = await createEnginesArea({
    ...deps,
    settings,
    account,
    deepgramKey,
    microphones,
    store,
    notices,
    openSinks: (session) => [
      ruled('window', captions.openSink(session.isFallback)),
      ruled('overlay', overlay.sink),
      ruled('obs', obs.sink),
      ruled('files', files.openSink({ ...session, recordings: obs.recordings })),
      createCreditSink(account.warnLow),
    ],
    startSession: recordings.startSession,
    blockers,
    now,
  })
  const { captioning, engineSwitch } = engines

  const toggle = async () => (captioning.isRunning ? captioning.stop() : captioning.start())
  const { start, stop, mute } = captioning
  const toggleMute = () => mute(!store.get().session.isMuted)
  const languages = createLanguageSwitch({
    settings,
    model: () => store.get().model,
    onSwitched: (sentence) => notices.brief(sentence, 'language'),
  })
  const { next: nextLanguage } = languages
  const language = (tag: string | undefined) =>
    tag === undefined ? languages.next() : languages.choose(tag)
  const hotkeys = createHotkeysArea({
    shell,
    actions: { start, stop, toggle, toggleMute, mute, nextLanguage },
    ctlCommand,
    publish: (views) => store.set('hotkeys', views),
    onNotice: notices.add,
  })
  const obs = createObsArea({
    settings: settings.get().obs,
    secrets,
    urlOfOverlay: overlay.urlOf,
    publish: (view) => store.set('obs', view),
    onEvent(event) {
      const refused = (error: Error) => notices.add('warning', error.message)
      if (event.type === 'start') start().catch(refused)
      if (event.type === 'stop') stop().catch(refused)
      if (event.type === 'mute' || event.type === 'unmute') mute(event.type === 'mute')
      if (event.type === 'mute_input_renamed') {
        settings.update({ obs: { muteInput: event.inputName } })
      }
      if (event.type === 'notice') notices.add(event.level, event.sentence)
    },
    log,
  })

  const everySecond = setInterval(() => {
    engines.check()
    const latency = captioning.latency()
    if (latency && !isDeepStrictEqual(latency, store.get().latency)) store.set('latency', latency)
  }, LOOK_EVERY_MS)
  everySecond.unref()

  shell.onUpdate((update) => store.set('update', update))
  await followSettings({
    settings,
    shell,
    overlay,
    microphones,
    obs,
    hotkeys,
    model,
    account,
    captioning,
    engineSwitch,
    onApplied() {
      engines.check()
      store.refresh()
    },
  })
  void deepgramKey.recheck()
  if (settings.get().transcription.mode === 'local') void model.prepare()
  const control = await openControl({
    dataDir: env.dataDir,
    actions: { start, stop, toggle, mute, language },
    session: () => store.get().session,
    language: () => settings.get().transcription.language,
    log,
  })

  const host: Omit<DesktopHost, 'router'> = {
    state: store,
    settings,
    start,
    stop,
    toggle,
    mute,
    readFont: overlay.readFont,
    hintDevices: microphones.hint,
    async close() {
      clearInterval(everySecond)
      await control?.close()
      await engines.close()
      model.cancel()
      deepgramKey.close()
      account.close()
      microphones.close()
      await Promise.all([overlay.close(), obs.close(), settings.close()])
    },
  }
  const services = createServices({
    ...deps,
    host,
    settings,
    captions,
    microphones,
    model,
    account,
    deepgramKey,
    obs,
    overlay,
    files,
    recordings,
    notices,
    store,
    ctlCommand,
    now,
  })
  return { ...host, router: createDesktopRouter(services) }
}
