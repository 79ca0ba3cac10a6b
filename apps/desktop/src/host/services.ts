import { join } from 'node:path'
import type { Account } from '../account/account.ts'
import type { DeepgramKey } from '../account/deepgram-key.ts'
import type { DesktopServices } from '../api/desktop-services.ts'
import type { LocalModel } from '../models/local-model.ts'
import { importYaml } from '../settings/import-yaml.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { DesktopHost, DesktopHostDeps } from './desktop-host.ts'
import type { FilesArea } from './files-area.ts'
import type { MicrophoneArea } from './microphone-area.ts'
import type { Notices } from './notices.ts'
import type { ObsArea } from './obs-area.ts'
import type { OverlayArea } from './overlay-area.ts'
import { recommendModel } from './recommend-model.ts'
import { saveCaptions } from './save-captions.ts'
import type { RecordingsArea } from './recordings-area.ts'
import type { StateStore } from './state-store.ts'
import type { WindowCaptions } from './window-captions.ts'

export interface ServicesDeps extends Pick<DesktopHostDeps, 'env' | 'shell' | 'version'> {
  readonly host: Omit<DesktopHost, 'router'>
  readonly settings: SettingsStore
  readonly captions: WindowCaptions
  readonly microphones: MicrophoneArea
  readonly model: LocalModel
  readonly account: Account
  readonly deepgramKey: DeepgramKey
  readonly obs: ObsArea
  readonly overlay: OverlayArea
  readonly files: FilesArea
  readonly recordings: RecordingsArea
  readonly notices: Notices
  readonly store: StateStore
  readonly ctlCommand: string
  /** Epoch, ms. */
  readonly now: () => number
}

/** The parts of the host as windows may ask for them. */
export function createServices(deps: ServicesDeps): DesktopServices {
  const { env, shell, host, settings, captions, overlay, files, store } = deps
  return {
    state: store,
    captions: {
      snapshot: captions.snapshot,
      onMessage: captions.onMessage,
      clear() {
        captions.clear()
        overlay.clear()
      },
      save: async (format) =>
        saveCaptions({
          captions: captions.snapshot().captions,
          format,
          settings: settings.get(),
          shell,
          nowMs: deps.now(),
        }),
    },
    session: host,
    microphone: { level: deps.microphones.level, hint: deps.microphones.hint },
    settings: {
      ...settings,
      async importYaml(given) {
        const title = 'Settings of the old app'
        const extensions = ['yaml', 'yml']
        const path = given ?? (await shell.chooseOpenFile({ title, extensions }))
        if (path === undefined) return null
        return importYaml(path, {
          update: settings.update,
          getDeepgramKey: deps.deepgramKey.get,
          setDeepgramKey: deps.deepgramKey.setKey,
          hasLogin: deps.account.hasLogin,
          adoptToken: deps.account.adopt,
        })
      },
    },
    models: {
      ...deps.model,
      recommend: async (again) => recommendModel(deps, again),
    },
    account: deps.account,
    deepgram: deps.deepgramKey,
    obs: deps.obs,
    overlay,
    history: files.history,
    files: files.files,
    recordings: deps.recordings.service,
    app: {
      info: () => ({
        version: deps.version,
        platform: process.platform,
        electron: process.versions.electron,
        dataDir: env.dataDir,
        ctlCommand: deps.ctlCommand,
      }),
      finishFirstRun: () => void settings.update({ app: { firstRunDone: true } }),
      dismissNotice: deps.notices.dismiss,
      openLogs: () => shell.showInFolder(join(env.dataDir, 'logs')),
      installUpdate: () => shell.installUpdate?.(),
    },
  }
}
