import { isDeepStrictEqual } from 'node:util'
import type { Account } from '../account/account.ts'
import type { LocalModel } from '../models/local-model.ts'
import type { Settings } from '../settings/settings.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import { captionConfig } from './caption-engine.ts'
import type { Captioning } from './captioning.ts'
import type { EngineSwitch } from './engine-switch.ts'
import type { MicrophoneArea } from './microphone-area.ts'
import type { ObsArea } from './obs-area.ts'
import type { OverlayArea } from './overlay-area.ts'
import type { ShellPort } from './shell-port.ts'

export interface FollowSettingsDeps {
  readonly settings: SettingsStore
  readonly shell: Pick<ShellPort, 'setTheme'>
  readonly overlay: OverlayArea
  readonly microphones: MicrophoneArea
  readonly obs: ObsArea
  readonly hotkeys: { apply(hotkeys: Settings['hotkeys']): Promise<void> }
  readonly model: LocalModel
  readonly account: Account
  readonly captioning: Captioning
  readonly engineSwitch: EngineSwitch
  /** After each change, whatever it was. */
  onApplied(): void
}

/**
 * Brings the settings as they are now into effect, then each change of a section, without a restart.
 * Words and files are read where they are needed.
 */
export async function followSettings(deps: FollowSettingsDeps): Promise<void> {
  const { settings, shell, overlay, microphones, obs, hotkeys, model, account, captioning } = deps
  let applied = settings.get()

  async function applyTranscription(
    next: Settings['transcription'],
    before: Settings['transcription'],
  ): Promise<void> {
    const changed = (...fields: (keyof typeof next)[]) =>
      fields.some((field) => next[field] !== before[field])
    // Whether somebody is logged in there decides when the engine can change.
    if (changed('serverUrl')) await account.follow(next.serverUrl)
    // Which one is recommended depends on the language, and on whether it is to translate.
    if (changed('localModel', 'language', 'translate')) await model.choose(next.localModel)
    const isOther =
      changed('mode') ||
      (next.mode === 'local' && changed('localModel')) ||
      (next.mode === 'managed' && changed('serverUrl'))
    if (isOther) deps.engineSwitch.request()
    else if (!isDeepStrictEqual(captionConfig(next), captionConfig(before)))
      captioning.reconfigure()
  }

  settings.onChange((next) => {
    const before = applied
    applied = next
    if (next.overlay !== before.overlay) void overlay.apply(next.overlay)
    if (next.microphone !== before.microphone) microphones.apply(next.microphone)
    if (next.obs !== before.obs) obs.apply(next.obs)
    if (next.hotkeys !== before.hotkeys) void hotkeys.apply(next.hotkeys)
    if (next.app.theme !== before.app.theme) shell.setTheme(next.app.theme)
    if (next.transcription !== before.transcription) {
      void applyTranscription(next.transcription, before.transcription)
    }
    captioning.applySilenceGate()
    deps.onApplied()
  })

  shell.setTheme(applied.app.theme)
  await Promise.all([
    model.choose(applied.transcription.localModel),
    overlay.apply(applied.overlay),
    hotkeys.apply(applied.hotkeys),
    account.use(applied.transcription.serverUrl),
  ])
}
