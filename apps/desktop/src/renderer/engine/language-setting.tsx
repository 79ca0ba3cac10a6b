import { useDesktopState } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { SettingSelect } from '../ui/setting-choice.tsx'
import { languageOptions } from './languages.ts'

/** The language that is spoken. */
export function LanguageSetting() {
  const { startBlockers } = useDesktopState().session
  const unknown = startBlockers.find(({ code }) => code === 'language_unknown')
  const language = useSetting('transcription', 'language')
  return (
    <SettingSelect
      label="Language you speak"
      value={language.value}
      options={languageOptions(language.value)}
      problem={language.problem ?? unknown?.sentence}
      onChoose={language.set}
    />
  )
}
