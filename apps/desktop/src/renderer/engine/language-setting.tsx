import { useSetting } from '../api/use-setting.ts'
import { SettingSelect } from '../ui/setting-choice.tsx'
import { languageOptions } from './languages.ts'

/** The language that is spoken. */
export function LanguageSetting() {
  const language = useSetting('transcription', 'language')
  return (
    <SettingSelect
      label="Language you speak"
      value={language.value}
      options={languageOptions(language.value)}
      problem={language.problem}
      onChoose={language.set}
    />
  )
}
