import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import type { ModelSource, WhisperProcess } from '@saywire/speech/whisper'
import { createAccount } from '../account/account.ts'
import { createCreditSink } from '../account/credit-sink.ts'
import { createDeepgramKey } from '../account/deepgram-key.ts'
import type { DesktopSecrets } from '../account/secret-store.ts'
import type { DesktopState } from '../api/desktop-state.ts'
import type { Watchable } from '../api/newest-value.ts'
import type { DesktopRouter } from '../api/router.ts'
import { createDesktopRouter } from '../api/router.ts'
import type { StartCaptureChild } from '../capture/capture-child.ts'
import type { CaptionSink } from '../core/ports.ts'
import type { DesktopEnv } from '../env.ts'
import { controlPath } from '../control/control-messages.ts'
import type { ControlServer } from '../control/control-server.ts'
import { startControlServer } from '../control/control-server.ts'
import { controlStatus } from '../control/control-status.ts'
import { createLocalModel } from '../models/local-model.ts'
import type { Settings, WordOutput } from '../settings/settings.ts'
import { openSettingsStore } from '../settings/settings-store.ts'
import { captionConfig, createCaptionEngine, createLocalEngine } from './caption-engine.ts'
import { createCaptioning } from './captioning.ts'
import { createFilesArea } from './files-area.ts'
import { createHotkeysArea } from './hotkeys-area.ts'
import { initialState } from './initial-state.ts'
import { createMicrophoneArea } from './microphone-area.ts'
import { createNotices } from './notices.ts'
import { createOverlayArea } from './overlay-area.ts'
import { createObsArea } from './obs-area.ts'
import { createRuledSink } from './ruled-sink.ts'
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
  /** Where models come from; default: the model hub, then an npm package. */
  readonly modelSources?: (name: string) => readonly ModelSource[]
  /** For the log file: no captions, no secrets. */
  log(level: 'info' | 'warning' | 'error', sentence: string): void
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
  /** The system said that audio devices came or went. */
  hintDevices(): void
  /** Ends the session with its last words (5 s at most), then everything else. */
  close(): Promise<void>
}

/** What a keyboard tool of the desktop runs in place of a hotkey. */
const CTL_COMMAND = 'saywire ctl'

/** Puts the app together. Nothing here needs Electron. */
export async function createDesktopHost(deps: DesktopHostDeps): Promise<DesktopHost> {
  const { env, secrets, shell, log, now = Date.now } = deps
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
  const store = createStateStore(initialState(secrets.storage), (state) => {
    const { transcription } = settings.get()
    const blockers = startBlockers({
      ...state,
      transcription,
      microphones: microphones.count(),
    })
    return { ...state, session: { ...state.session, startBlockers: blockers } }
  })
  const notices = createNotices({ publish: (list) => store.set('notices', list), now })
  onSettingsProblem = (sentence) => {
    log('warning', sentence)
    notices.add('warning', sentence)
  }
  for (const sentence of early) onSettingsProblem(sentence)

  const captions = createWindowCaptions()
  const overlay = createOverlayArea({
    fontsDir: join(env.dataDir, 'fonts'),
    shell,
    publish: (view) => store.set('overlay', view),
    onPaint: () => undefined,
    log: (sentence) => log('warning', sentence),
  })
  const files = createFilesArea({
    settings,
    shell,
    historyDir: join(env.dataDir, 'history'),
    defaultFolder: join(deps.documentsDir ?? join(homedir(), 'Documents'), 'Saywire'),
    onNotice: notices.add,
  })
  const model = createLocalModel({
    env,
    publish: (view) => store.set('model', view),
    onNotice: (sentence) => notices.add('warning', sentence),
    ...(deps.modelSources && { sources: deps.modelSources }),
  })
  const deepgramKey = createDeepgramKey({
    secrets,
    deepgramUrl: env.deepgramUrl,
    publish: (view) => store.set('deepgramKey', view),
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
  const engineDeps = {
    env,
    spawnWhisper: deps.spawnWhisper,
    getToken: account.getToken,
    getDeepgramKey: deepgramKey.get,
  }
  const ruled = (output: WordOutput, sink: CaptionSink) =>
    createRuledSink(sink, output, () => settings.get().words)
  const captioning = createCaptioning({
    createEngine: async () => createCaptionEngine(settings.get().transcription, engineDeps),
    createSource: microphones.createSource,
    config: () => captionConfig(settings.get().transcription),
    fallback() {
      const { mode, localModel } = settings.get().transcription
      if (mode === 'local' || store.get().model.status !== 'ready') return undefined
      return () => createLocalEngine(localModel, engineDeps)
    },
    openSinks: (session) => [
      ruled('window', captions.openSink(session.isFallback)),
      ruled('overlay', overlay.sink),
      ruled('obs', obs.sink),
      ruled('files', files.openSink({ ...session, recordings: obs.recordings })),
      createCreditSink(account.warnLow),
    ],
    blockers: () => store.get().session.startBlockers,
    publish: (view) => store.set('session', { ...view, startBlockers: [] }),
    onNotice: notices.add,
    now,
  })

  const toggle = async () => (captioning.isRunning ? captioning.stop() : captioning.start())
  const { start, stop, mute } = captioning
  const toggleMute = () => mute(!store.get().session.isMuted)
  const hotkeys = createHotkeysArea({
    shell,
    actions: { start, stop, toggle, toggleMute, mute },
    ctlCommand: CTL_COMMAND,
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

  let applied = settings.get()
  settings.onChange((next) => {
    const before = applied
    applied = next
    if (next.overlay !== before.overlay) void overlay.apply(next.overlay)
    if (next.microphone !== before.microphone) microphones.apply(next.microphone)
    if (next.obs !== before.obs) obs.apply(next.obs)
    if (next.hotkeys !== before.hotkeys) void hotkeys.apply(next.hotkeys)
    if (next.app.theme !== before.app.theme) shell.setTheme(next.app.theme)
    applyTranscription(next.transcription, before.transcription)
    store.refresh()
  })

  function applyTranscription(
    next: Settings['transcription'],
    before: Settings['transcription'],
  ): void {
    const changed = (...fields: (keyof typeof next)[]) =>
      fields.some((field) => next[field] !== before[field])
    if (changed('serverUrl') && next.serverUrl !== store.get().account.serverUrl) {
      void account.use(next.serverUrl)
    }
    if (changed('localModel')) void model.choose(next.localModel)
    const isOther =
      changed('mode') ||
      (next.mode === 'local' && changed('localModel')) ||
      (next.mode === 'managed' && changed('serverUrl'))
    if (isOther) void captioning.switchEngine()
    else if (changed('language', 'deepgramModel')) captioning.reconfigure()
  }

  const first = settings.get()
  shell.setTheme(first.app.theme)
  shell.onUpdate((update) => store.set('update', update))
  await Promise.all([
    model.choose(first.transcription.localModel),
    overlay.apply(first.overlay),
    hotkeys.apply(first.hotkeys),
    account.use(first.transcription.serverUrl),
  ])
  void deepgramKey.recheck()

  const control = await startControl()
  async function startControl(): Promise<ControlServer | undefined> {
    try {
      const status = () => controlStatus(store.get().session)
      const path = controlPath(env.dataDir)
      const server = await startControlServer(path, { start, stop, toggle, mute, status })
      if (!server) log('warning', 'Another Saywire runs: it is the one that saywire ctl controls.')
      return server
    } catch (error) {
      log('warning', `saywire ctl cannot reach this app: ${String(error)}`)
      return undefined
    }
  }

  const host: Omit<DesktopHost, 'router'> = {
    state: store,
    settings,
    start,
    stop,
    toggle,
    mute,
    hintDevices: microphones.hint,
    async close() {
      await control?.close()
      await captioning.close()
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
    notices,
    store,
    ctlCommand: CTL_COMMAND,
    now,
  })
  return { ...host, router: createDesktopRouter(services) }
}
