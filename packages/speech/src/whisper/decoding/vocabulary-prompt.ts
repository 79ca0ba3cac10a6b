/**
 * Whisper takes at most 223 tokens of prompt and drops those at its beginning first, which would be
 * the most important terms. A token is one byte at worst and three or four as a rule: names and scripts
 * that its vocabulary was not made for take more. The prompt is also paid for with each decode.
 */
const LONGEST_BYTES = 400

export interface VocabularyPrompt {
  /** Undefined where there are no terms. */
  readonly prompt: string | undefined
  /** Terms that did not fit, from the end of the list. */
  readonly leftOut: readonly string[]
}

/**
 * The prompt that makes Whisper spell these terms as they are written here, as far as they fit: a
 * sentence that might have come before in such a text. Most important first.
 * @param language Whisper's code of the language that is decoded
 */
export function vocabularyPrompt(terms: readonly string[], language = 'en'): VocabularyPrompt {
  // An English word would speak for English where another language is spoken.
  const opening = language === 'en' ? 'Glossary: ' : ''
  const fitting: string[] = []
  let bytes = Buffer.byteLength(opening)
  for (const term of terms) {
    bytes += Buffer.byteLength(term) + ', '.length
    if (bytes > LONGEST_BYTES) break
    fitting.push(term)
  }
  return {
    prompt: fitting.length === 0 ? undefined : `${opening}${fitting.join(', ')}.`,
    leftOut: terms.slice(fitting.length),
  }
}
