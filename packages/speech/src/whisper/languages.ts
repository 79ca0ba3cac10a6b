import { SpeechError } from '../speech-error.ts'
import type { WhisperModelInfo } from './model/model-catalogue.ts'

/** ISO 639 codes of the languages of Whisper's multilingual models. */
const MULTILINGUAL = new Set(
  (
    'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ' +
    'ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr ' +
    'pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ' +
    'haw ln ha ba jw su yue'
  ).split(' '),
)

/**
 * Whisper's name for a language tag (`en-US` → `en`, `multi` → `auto`); the model's own where no
 * language is asked for.
 * @throws SpeechError `bad_config` where the model does not know the language
 */
export function whisperLanguage(tag: string | undefined, model: WhisperModelInfo): string {
  const language = tag?.toLowerCase().split('-')[0]
  if (model.languages === 'english') {
    if (language === undefined || language === 'en') return 'en'
    throw new SpeechError(
      'bad_config',
      `The speech model ${model.name} only knows English, not "${tag}": set language to en, or choose a model for many languages.`,
    )
  }
  if (language === undefined || language === 'multi') return 'auto'
  if (MULTILINGUAL.has(language)) return language
  throw new SpeechError('bad_config', `Whisper does not know the language "${tag}".`)
}
