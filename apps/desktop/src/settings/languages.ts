import { isTaughtToTranslate } from '@saywire/speech/whisper/languages'
import type { Settings } from './settings.ts'

/** For pages, too, which are built without the engine. */
export { isTaughtToTranslate }

/** Languages of Whisper's multilingual models; a test holds them against the engine's own list. */
export const WHISPER_LANGUAGES = (
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi ' +
  'hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn ' +
  'no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi ' +
  'yi yo yue zh'
).split(' ')

/** The user's own names of languages. */
const names = new Intl.DisplayNames([], { type: 'language' })

/** `German`, `Brazilian Portuguese` in the user's own language; the tag itself where it has no name. */
export function languageName(tag: string): string {
  if (isDetected(tag)) return 'Detected automatically'
  try {
    return names.of(tag) ?? tag
  } catch {
    return tag
  }
}

/** `EN`, `PT-BR`, `auto`, for where there is no room for a name. */
export function languageLabel(tag: string): string {
  return isDetected(tag) ? 'auto' : tag.toUpperCase()
}

/** Whether the engine has to find out what is spoken. */
export function isDetected(tag: string): boolean {
  return tag.toLowerCase() === 'multi'
}

/** `en` of `en-US`. */
export function primaryLanguage(tag: string): string {
  const [primary = ''] = tag.toLowerCase().split('-')
  return primary
}

/** Whether captions are asked for in another language than is spoken. */
export function translates({
  mode,
  language,
  translate,
  localModel,
}: Pick<Settings['transcription'], 'mode' | 'language' | 'translate' | 'localModel'>): boolean {
  // Deepgram cannot, and what speaks in its place should caption in the same language.
  const isAble = mode === 'managed' || (mode === 'local' && isTaughtToTranslate(localModel))
  return translate && isAble && primaryLanguage(language) !== 'en'
}
