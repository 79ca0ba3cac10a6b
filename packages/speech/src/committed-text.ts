import type { InterimEvent, Word } from './speech-event.ts'

/**
 * The beginning of an interim's text that is committed, as the engine wrote it. Empty where nothing is,
 * or where the text is not made of the words, so that nobody can tell.
 */
export function committedText({ text, words, committedWords = 0 }: InterimEvent): string {
  return text.slice(0, wordsEnd(text, words.slice(0, committedWords)) ?? 0)
}

/** Where these words, the first of a text, end in it; undefined where they are not in it. */
export function wordsEnd(text: string, words: readonly Word[]): number | undefined {
  let at = 0
  for (const word of words) {
    const found = text.indexOf(word.text, at)
    if (found === -1) return undefined
    at = found + word.text.length
  }
  return at
}
