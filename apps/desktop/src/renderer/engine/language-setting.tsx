import { primaryLanguage } from '../../settings/languages.ts'
import { useDesktopState, useSettings } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { SettingSelect } from '../ui/setting-choice.tsx'
import { languageOptions } from './languages.ts'
import { useIsEnglishOnly } from './use-is-english-only.ts'

/** The language that is spoken. Those that the model does not know are shown, and cannot be chosen. */
export function LanguageSetting() {
  const { startBlockers } = useDesktopState().session
  const { mode, localModel } = useSettings().transcription
  const isEnglishOnly = useIsEnglishOnly()
  const unknown = startBlockers.find(({ code }) => code === 'language_unknown')
  const language = useSetting('transcription', 'language')
  const problem = language.problem ?? unknown?.sentence
  return (
    <SettingSelect
      label="Language you speak"
      value={language.value}
      options={languageOptions(mode, language.value).map(({ value, name }) => ({
        value,
        name,
        isDisabled: isEnglishOnly && primaryLanguage(value) !== 'en',
      }))}
      problem={problem}
      hint={
        isEnglishOnly && problem === undefined
          ? `The model ${localModel} knows only English: for another language, choose a model for many languages.`
          : undefined
      }
      onChoose={language.set}
    />
  )
}
