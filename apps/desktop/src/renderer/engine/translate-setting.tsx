import { isTaughtToTranslate, primaryLanguage } from '../../settings/languages.ts'
import { useSettings } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { useIsEnglishOnly } from './use-is-english-only.ts'

/** Captions in English, whatever is spoken; where the engine cannot, why not. */
export function TranslateSetting() {
  const translate = useSetting('transcription', 'translate')
  const { mode, localModel, language } = useSettings().transcription
  const isEnglishOnly = useIsEnglishOnly()
  const englishOnly = `The model ${localModel} knows only English: a model for many languages can translate.`
  const untaught = `The model ${localModel} was not taught to translate: others for many languages were.`
  const isUntaught = mode === 'local' && !isTaughtToTranslate(localModel)
  const localReason = isEnglishOnly ? englishOnly : isUntaught ? untaught : undefined
  const reason = mode === 'byok' ? BYOK : localReason
  const hint = primaryLanguage(language) === 'en' ? ENGLISH : mode === 'managed' ? MANAGED : LOCAL
  return (
    <SettingSwitch
      label="Translate to English"
      hint={reason ?? hint}
      value={translate.value}
      // What has no effect can still be switched off.
      isDisabled={reason !== undefined && !translate.value}
      problem={translate.problem}
      onChange={translate.set}
    />
  )
}

const BYOK = 'Deepgram does not translate: the local engine can, with a model for many languages.'
const ENGLISH = 'You speak English: there is nothing to translate.'
const LOCAL = 'Captions are in English, whatever is spoken. A larger model translates better.'
const MANAGED =
  'Works where the server runs Whisper with a model for many languages; one that asks Deepgram captions what is spoken.'
