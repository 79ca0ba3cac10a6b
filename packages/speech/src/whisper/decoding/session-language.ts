import type { Decoded, DecodeOptions } from '../library/whisper-binding.ts'
import type { WhisperSessionConfig } from '../whisper-messages.ts'
import { createLanguageTracker } from './language-tracker.ts'
import { vocabularyPrompt } from './vocabulary-prompt.ts'

/** Scripts that are written without spaces between words. */
const UNSPACED = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'my', 'km'])

type LanguageOptions = Pick<DecodeOptions, 'language' | 'translate' | 'detect' | 'prompt'>

/** What a session's decodes are asked for because of language: the one that was named, or is heard. */
export interface SessionLanguage {
  readonly interimOptions: LanguageOptions
  /** With the vocabulary, which makes Whisper invent words on shorter audio than a final has. */
  readonly finalOptions: LanguageOptions
  /** Whether words are written with spaces between them. */
  readonly isSpaced: boolean
  /** @returns whether the interim was heard in the language that it seems to be in */
  hearInterim(decoded: Decoded): boolean
  /**
   * @param speechMs length of the final's audio
   * @param speech what it was heard in: the same where that is decoded again, also when more of it was said
   * @returns the language that it should have been heard in
   */
  hearFinal(decoded: Decoded, speechMs: number, speech: object): string
}

export function createSessionLanguage(
  config: Pick<WhisperSessionConfig, 'language' | 'translate' | 'vocabulary'>,
): SessionLanguage {
  const tracker = config.language === 'auto' ? createLanguageTracker() : undefined
  const language = () => tracker?.language ?? config.language
  const options = (): LanguageOptions => ({
    language: language(),
    translate: config.translate,
    ...(tracker && { detect: true }),
  })
  return {
    get interimOptions() {
      return options()
    },
    get finalOptions() {
      const { prompt } = vocabularyPrompt(config.vocabulary, language())
      return { ...options(), ...(prompt !== undefined && { prompt }) }
    },
    get isSpaced() {
      return config.translate || !UNSPACED.has(language())
    },
    hearInterim({ guesses = [] }) {
      if (!tracker) return true
      // The first words of all are heard in whatever language they most seem to be.
      if (!tracker.settled) tracker.observe({ guesses, speechMs: 0 })
      return tracker.settled && guesses[0]?.language === tracker.language
    },
    hearFinal({ guesses = [] }, speechMs, speech) {
      return tracker?.observe({ guesses, speechMs, speech }) ?? config.language
    },
  }
}
