/** A stretch of a text: `text.slice(start, end)`. */
export interface PhraseMatch<T> {
  readonly start: number
  readonly end: number
  readonly value: T
}

export interface Phrase<T> {
  /** One or several words, as a person types them. Nothing in it has a special meaning. */
  readonly text: string
  /** True where only the same upper and lower case counts. */
  readonly matchCase: boolean
  readonly value: T
}

/** Finds phrases in a text: from left to right, the longest first, none inside another. */
export type PhraseScanner<T> = (text: string) => PhraseMatch<T>[]

/** Scripts that put no space between words: any place in them can be a word's edge. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
/** The zero-width joiner and non-joiner stand inside words of Persian and of Indic scripts. */
const LETTER = `(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_\\u200c\\u200d])`
const APOSTROPHE = "['’]"
/** `3.5`, `1,500` and `5:30` are one word. */
const NUMBER_GOES_ON = '(?<=\\p{N})[.,:](?=\\p{N})'
/** A word as people see it (`can't` is one), or one character of anything else. */
const TOKEN = new RegExp(`${LETTER}+(?:(?:${APOSTROPHE}|${NUMBER_GOES_ON})${LETTER}+)*|[^]`, 'gu')
const FIRST_TOKEN = new RegExp(TOKEN.source, 'u')
const ENDS_IN_LETTER = new RegExp(`${LETTER}$`, 'u')
/** What must not follow a phrase that ends in a letter, so that it ends where a word ends. */
const WORD_GOES_ON = new RegExp(`${LETTER}|${APOSTROPHE}${LETTER}|${NUMBER_GOES_ON}`, 'uy')
/** Nothing is cut out of what is drawn as one: `กิ`, 👍🏽, 👩‍👧. */
const JOINER = '\u200d'
const DRAWN_WITH_BEFORE = /[\p{M}\p{Emoji_Modifier}\u200d]/uy

/**
 * Compiles phrases once. A scan looks every word of the text up in a map and tries the few phrases
 * that begin with it, each as a literal anchored there: its time does not depend on how many
 * phrases there are, and no input makes it backtrack.
 */
export function createPhraseScanner<T>(phrases: readonly Phrase<T>[]): PhraseScanner<T> {
  const byFirstToken = new Map<string, { endOf: ReturnType<typeof createMatcher>; value: T }[]>()
  const longestFirst = phrases
    .map((phrase) => ({ ...phrase, text: phrase.text.normalize('NFC').trim() }))
    .toSorted((a, b) => b.text.length - a.text.length)
  for (const { text, matchCase, value } of longestFirst) {
    const first = FIRST_TOKEN.exec(text)?.[0]
    if (first === undefined) continue
    const key = foldToken(first)
    const candidates = byFirstToken.get(key) ?? []
    candidates.push({ endOf: createMatcher(text, matchCase), value })
    byFirstToken.set(key, candidates)
  }

  return (text) => {
    const matches: PhraseMatch<T>[] = []
    if (byFirstToken.size === 0) return matches
    let freeFrom = 0
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      if (index < freeFrom) continue
      for (const { endOf, value } of byFirstToken.get(foldToken(token)) ?? []) {
        const end = endOf(text, index)
        if (end === undefined) continue
        matches.push({ start: index, end, value })
        freeFrom = end
        break
      }
    }
    return matches
  }
}

/** Words start at these places of the text, in order. */
export function wordStarts(text: string): number[] {
  return [...text.matchAll(TOKEN)].flatMap(({ 0: token, index }) =>
    ENDS_IN_LETTER.test(token) ? [index] : [],
  )
}

/** Upper and lower case, and the two apostrophes, are the same. */
export function foldToken(text: string): string {
  return text.toLowerCase().replaceAll('’', "'")
}

/** Where the phrase ends that begins at this place; undefined where it does not. */
function createMatcher(phrase: string, matchCase: boolean) {
  const endsInLetter = ENDS_IN_LETTER.test(phrase)
  // Made when its first word is heard: thousands at once would hold the app up.
  let pattern: RegExp | undefined
  return (text: string, start: number): number | undefined => {
    pattern ??= literalPattern(phrase, matchCase)
    pattern.lastIndex = start
    if (text[start - 1] === JOINER || !pattern.test(text)) return undefined
    const end = pattern.lastIndex
    if (endsInLetter && isAt(WORD_GOES_ON, text, end)) return undefined
    return isAt(DRAWN_WITH_BEFORE, text, end) ? undefined : end
  }
}

function isAt(sticky: RegExp, text: string, place: number): boolean {
  sticky.lastIndex = place
  return sticky.test(text)
}

function literalPattern(phrase: string, matchCase: boolean): RegExp {
  const literal = phrase
    .replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    .replace(/['’]/g, APOSTROPHE)
    .replace(/\s+/g, '\\s+')
  return new RegExp(literal, matchCase ? 'uy' : 'iuy')
}
