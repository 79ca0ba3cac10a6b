import { ENGLISH_PROFANITY } from './english-profanity.ts'
import { createPhraseScanner, foldToken, wordStarts } from './phrase-scanner.ts'
import type { TextEdit } from './text-edits.ts'

/** Fewer letters than this say nothing about the word that is coming. */
const PREFIX_LETTERS_MIN = 3
/** What people hang on any word: `shit'll`, `fuck'em`. */
const CONTRACTIONS = ['', "'s", "'ll", "'d", "'ve", "'re", "'m", "'em", "'n"]
/** An engine's sign that a word goes on. */
const CUT_OFF = /[-–—….]*(?:[-–—…]|\.\.)$/u
/** A phrase that is being said is looked for this many words back. */
const PREFIX_WORDS_MAX = 5

export interface ProfanityOptions {
  readonly mode: 'mask' | 'remove'
  /** The user's own words and phrases, besides the built-in list. */
  readonly words: readonly string[]
  /** Words and phrases that are shown although they are listed, or hold a word that is. */
  readonly exceptions: readonly string[]
}

export interface ProfanityFilter {
  /** The edits that mask the text's profane words; removing is an empty replacement. */
  editsOf(text: string): TextEdit[]
  /**
   * Where the end of an interim may be the beginning of a listed word (`motherfu`), the place from
   * which it is held back until more is known; otherwise the text's length.
   */
  holdBackFrom(text: string): number
}

export function createProfanityFilter(options: ProfanityOptions): ProfanityFilter {
  const excepted = new Set(options.exceptions.map(normalised))
  const listed = [...new Set([...ENGLISH_PROFANITY, ...options.words].map(normalised))]
    .filter((text) => text !== '' && !excepted.has(text))
    .toSorted()
  const scan = createPhraseScanner<'profane' | 'excepted'>([
    ...[...excepted].map((text) => ({ text, matchCase: false, value: 'excepted' as const })),
    ...listed.flatMap((text) =>
      CONTRACTIONS.map((ending) => ({
        text: text + ending,
        matchCase: false,
        value: 'profane' as const,
      })),
    ),
  ])

  return {
    editsOf(text) {
      return scan(text)
        .filter(({ value }) => value === 'profane')
        .map(({ start, end }) => ({
          start,
          end,
          replacement: options.mode === 'mask' ? masked(text.slice(start, end)) : '',
        }))
    },

    holdBackFrom(text) {
      const said = text.replace(CUT_OFF, '')
      const starts = wordStarts(said).slice(-PREFIX_WORDS_MAX)
      return (
        starts.find((start) => beginsListed(listed, normalised(said.slice(start)))) ?? text.length
      )
    },
  }
}

/** `f***`, each word of a phrase for itself: the first character, and a star for each other one. */
function masked(text: string): string {
  return text.replace(
    /([\p{L}\p{N}]\p{M}*)([\p{L}\p{M}\p{N}]*)/gu,
    (_word, first: string, rest: string) => first + rest.replace(/./gu, '*'),
  )
}

function normalised(text: string): string {
  return foldToken(text.normalize('NFC')).trim().replace(/\s+/g, ' ')
}

/** Whether the text is a listed entry's beginning, and not yet all of it. The list is sorted. */
function beginsListed(listed: readonly string[], text: string): boolean {
  if (text.length < PREFIX_LETTERS_MIN) return false
  let [low, high] = [0, listed.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((listed[middle] ?? '') <= text) low = middle + 1
    else high = middle
  }
  return listed[low]?.startsWith(text) ?? false
}
