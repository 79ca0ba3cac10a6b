import { join } from 'node:path'
import type { AccountService, DeepgramService, DesktopServices } from '../api/desktop-services.ts'
import { HostError } from '../api/host-error.ts'
import type { LocalModel } from '../models/local-model.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { DesktopHost, DesktopHostDeps } from './desktop-host.ts'
import type { Notices } from './notices.ts'
import type { StateStore } from './state-store.ts'
import type { WindowCaptions } from './window-captions.ts'

export interface ServicesDeps extends Pick<DesktopHostDeps, 'env' | 'shell' | 'version'> {
  readonly host: Omit<DesktopHost, 'router'>
  readonly settings: SettingsStore
  readonly captions: WindowCaptions
  readonly model: LocalModel
  readonly account: AccountService
  readonly deepgramKey: DeepgramService
  readonly notices: Notices
  readonly store: StateStore
}

/** The parts of the host as windows may ask for them. */
export function createServices(deps: ServicesDeps): DesktopServices {
  const { env, shell, host, settings, captions, model, account, deepgramKey, notices, store } = deps
  const missing = async () => {
    throw new HostError('not_possible', 'This part of Saywire is not there yet.')
  }
  return {
    state: store,
    captions: { ...captions, save: missing },
    session: host,
    microphone: {
      level: { get: () => ({ rmsDbfs: -100, peakDbfs: -100 }), onChange: () => () => undefined },
      hint: host.hintDevices,
    },
    settings: { ...settings, importYaml: missing },
    models: model,
    account,
    deepgram: deepgramKey,
    obs: { setPassword: missing, addBrowserSource: missing, inputs: missing, scenes: missing },
    overlay: {
      copyUrl: () => shell.copyText(overlayUrl(store)),
      openPage: async () => shell.openExternal(overlayUrl(store)),
      addFont: missing,
      removeFont: missing,
    },
    history: { list: missing, export: missing, rename: missing, remove: missing, show: missing },
    files: { chooseFolder: missing, openFolder: missing },
    app: {
      info: () => ({
        version: deps.version,
        platform: process.platform,
        electron: process.versions.electron,
        dataDir: env.dataDir,
        ctlCommand: 'saywire ctl',
      }),
      finishFirstRun: () => void settings.update({ app: { firstRunDone: true } }),
      dismissNotice: notices.dismiss,
      openLogs: () => shell.showInFolder(join(env.dataDir, 'logs')),
      installUpdate: () => undefined,
    },
  }
}

/** @throws HostError `not_possible` */
function overlayUrl(store: StateStore): string {
  const { url, problem } = store.get().overlay
  if (url === undefined) throw new HostError('not_possible', problem ?? 'The overlay is starting.')
  return url
}
