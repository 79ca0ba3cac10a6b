import { HostError } from '../api/host-error.ts'
import type { DesktopState } from '../api/desktop-state.ts'
import { languageName } from '../settings/languages.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import { languageProblem } from './start-blockers.ts'

export interface LanguageSwitchDeps {
  readonly settings: Pick<SettingsStore, 'get' | 'update'>
  model(): DesktopState['model']
  /** What was done, in a sentence that matters for a moment. */
  onSwitched(sentence: string): void
}

/** Changes the language from outside the window: by hotkey or command. A running session goes on. */
export interface LanguageSwitch {
  /** @throws HostError `not_possible` where there is no other one, or the model does not know it */
  next(): void
  /** @throws HostError `not_possible` where the model does not know it; ZodError for what is no tag */
  choose(language: string): void
}

const NONE =
  'No languages to switch between are chosen: list them under Settings → Hotkeys, in the order that you want.'
const NO_OTHER =
  'There is no other language to switch to: add one under Settings → Hotkeys → Languages to switch between.'

export function createLanguageSwitch(deps: LanguageSwitchDeps): LanguageSwitch {
  const { settings } = deps

  function choose(language: string): void {
    const { transcription } = settings.get()
    const problem = languageProblem(deps.model(), { ...transcription, language })
    if (problem !== undefined) throw new HostError('not_possible', problem)
    settings.update({ transcription: { language } })
    deps.onSwitched(`Language: ${languageName(language)}.`)
  }

  return {
    choose,
    next() {
      const { language, quickLanguages } = settings.get().transcription
      if (quickLanguages.length === 0) throw new HostError('not_possible', NONE)
      const at = quickLanguages.findIndex((one) => one.toLowerCase() === language.toLowerCase())
      const next = quickLanguages[(at + 1) % quickLanguages.length]
      if (next === undefined || (quickLanguages.length === 1 && at === 0)) {
        throw new HostError('not_possible', NO_OTHER)
      }
      choose(next)
    },
  }
}
