import { SpeechError } from '../speech-error.ts'
import type { WhisperModelInfo } from './model/model-catalogue.ts'

/** Whisper's codes of the languages of its multilingual models, in its own order (100). */
export const WHISPER_LANGUAGES: readonly string[] = (
  'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ' +
  'ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr ' +
  'pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ' +
  'haw ln ha ba jw su yue'
).split(' ')

/** Tags that people and systems use for what Whisper calls otherwise. */
const ALIASES: Readonly<Record<string, string>> = {
  // Renamed in ISO 639-1; Whisper kept the old code of one, and systems those of the others.
  jv: 'jw',
  iw: 'he',
  in: 'id',
  ji: 'yi',
  // Written standards of one spoken language.
  nb: 'no',
  // Parts of what Whisper was taught as one.
  cmn: 'zh',
  fil: 'tl',
  arb: 'ar',
  prs: 'fa',
  // Hardly another language when it is spoken.
  mo: 'ro',
  sh: 'hr',
  gsw: 'de',
}

/** Regions whose Chinese is not Mandarin when it is spoken. */
const CANTONESE_REGIONS = new Set(['hk', 'mo'])

/**
 * Whisper's name for a language tag (`en-US` → `en`, `zh-HK` → `yue`, `multi` → `auto`); the model's
 * own where no language is asked for.
 * @throws SpeechError `bad_config` where the model does not know the language
 */
export function whisperLanguage(tag: string | undefined, model: WhisperModelInfo): string {
  const [language, ...rest] = tag?.toLowerCase().split('-') ?? []
  if (model.languages === 'english') {
    if (language === undefined || language === 'en') return 'en'
    throw new SpeechError(
      'bad_config',
      `The speech model ${model.name} only knows English, not "${tag}": set language to en, or choose a model for many languages.`,
    )
  }
  if (language === undefined || language === 'multi') return 'auto'
  if (language === 'zh' && rest.some((part) => CANTONESE_REGIONS.has(part))) return 'yue'
  // `zh-yue` and `zh-cmn` are the long forms of `yue` and `cmn`.
  const [extended = ''] = rest
  const named = language === 'zh' && /^[a-z]{3}$/.test(extended) ? extended : language
  const known = ALIASES[named] ?? named
  if (WHISPER_LANGUAGES.includes(known)) return known
  throw new SpeechError(
    'bad_config',
    `Whisper does not know the language "${tag}": name another, or "multi" to have it detected.`,
  )
}

/**
 * Whether the model is to translate into English. Asked of speech that is English anyway there is
 * nothing to do, and captions are what was wished for.
 * @throws SpeechError `bad_config` where the model cannot
 */
export function whisperTranslates(
  translate: boolean | undefined,
  tag: string | undefined,
  model: WhisperModelInfo,
): boolean {
  if (!translate || tag?.toLowerCase().split('-')[0] === 'en') return false
  const { name, languages } = model
  if (languages === 'multilingual' && isTaughtToTranslate(name)) return true
  const why =
    languages === 'english'
      ? 'only knows English and cannot translate'
      : 'was not taught to translate'
  throw new SpeechError(
    'bad_config',
    `The speech model ${name} ${why}: choose a Whisper model without ".en" or "turbo" in its name, or leave translate out.`,
  )
}

/** Whisper's turbo models know many languages, but answer in the one that is spoken. */
export function isTaughtToTranslate(modelName: string): boolean {
  return !modelName.includes('turbo')
}
