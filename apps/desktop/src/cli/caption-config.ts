import type { TranscribeConfig } from '@saywire/protocol'
import { transcribeConfigSchema } from '@saywire/protocol'
import { DEFAULT_MODEL, modelCatalogue } from '@saywire/speech/whisper'
import type { EngineKind } from '../engines.ts'
import { isTaughtToTranslate, primaryLanguage } from '../settings/languages.ts'
import { UsageError } from './exit-codes.ts'

/** Options of `saywire caption` that say what an engine is asked for. */
export interface CaptionConfigOptions {
  readonly model?: string | undefined
  readonly language?: string | undefined
  readonly term?: readonly string[] | undefined
  /** Another name for `term`. */
  readonly keyterm?: readonly string[] | undefined
  readonly translate?: boolean | undefined
  readonly interim?: boolean | undefined
  readonly fast?: boolean | undefined
}

/** @throws UsageError naming the option */
export function captionConfig(options: CaptionConfigOptions, kind: EngineKind): TranscribeConfig {
  const { model, language, term = [], keyterm = [] } = options
  const terms = [...term, ...keyterm]
  const config = transcribeConfigSchema.safeParse({
    // The local engine's model is a file on this machine, chosen when it is made.
    model: kind === 'local' ? undefined : model,
    language,
    keyterm: terms.length === 0 ? undefined : terms,
    translate: isTranslated(options, kind) || undefined,
    interim_results: options.interim ?? !options.fast,
  })
  if (config.success) return config.data
  const issue = config.error.issues[0]
  const name = issue?.path[0] === 'keyterm' ? 'term' : String(issue?.path[0])
  throw new UsageError(`--${name} ${issue?.message ?? 'is not valid'}.`)
}

/** Of the captions. */
export function writtenLanguage({ language = 'en', translate }: TranscribeConfig): string {
  return translate ? 'en' : language
}

/** @throws UsageError where the engine could not, unless English is spoken anyhow */
function isTranslated({ translate, language, model }: CaptionConfigOptions, kind: EngineKind) {
  const isEnglish = language !== undefined && primaryLanguage(language) === 'en'
  if (!translate || isEnglish) return false
  if (kind === 'byok') {
    throw new UsageError('--translate is not for Deepgram: --engine local can, with --model base.')
  }
  const name = model ?? DEFAULT_MODEL
  const isEnglishOnly = modelCatalogue.find((one) => one.name === name)?.languages === 'english'
  if (kind === 'managed') return true
  if (!isTaughtToTranslate(name)) {
    throw new UsageError(
      `--translate is not for ${name}, which was not taught it: --model base was.`,
    )
  }
  if (!isEnglishOnly) return true
  throw new UsageError(
    `--translate takes a model for many languages, such as --model base: ${name} knows only English.`,
  )
}
