import type { Word } from '../../speech-event.ts'
import { knownWordsEnd, letters, lettersOf } from './known-words-end.ts'

export interface GuessOptions {
  /** The guess begins with this committed word. Default: the first. */
  readonly fromWord?: number
  /** Words that end by then, ms, are committed at once: silence follows them. Default: none. */
  readonly settledMs?: number
  /** Where the audio that it heard ends, ms. Default: far behind it. */
  readonly heardMs?: number
  /** False: nothing is committed by it. Default true. */
  readonly isSure?: boolean
}

/** The words of one stretch of speech, as far as they are known. */
export interface CommittedWords {
  /** So many words are committed: they stay, letter by letter. */
  readonly count: number
  /** What is known: the committed words, and after them the newest guess. */
  readonly words: readonly Word[]
  /** What a decode from this word on probably hears: as the newest guess had it, in its own spelling. */
  draft(fromWord: number): readonly Word[]
  /** Takes a newer guess; what it and the one before it agree on is committed, or the two before it where it is unclear. */
  guess(guess: readonly Word[], options?: GuessOptions): void
  /**
   * The last word on it: the committed words, written as here where the letters are the same, and what
   * follows them here.
   * @param isAligned its words are where they were said; else each is as well placed by any guess, and lies
   *   at the middle of all places where it was heard
   */
  complete(final: readonly Word[], isAligned?: boolean): readonly Word[]
  /** Takes out the guessed words that lie after this time, ms, to begin another stretch with. */
  splitAt(atMs: number): CommittedWords
}

/**
 * LocalAgreement-2 (Liu, Spanakis and Niehues, 2020; Macháček, Dabre and Bojar, 2023): a word that two
 * guesses in a row have at the same place is right nearly always, although each was made without
 * knowing how the sentence ends. One that is unclear needs three.
 */
export function createCommittedWords(begin: readonly Word[] = []): CommittedWords {
  let words = begin
  let count = 0
  /** Where each committed word lies: by the guess that committed it, the one before, and all later ones. */
  const places: Span[][] = []
  /** How many guesses in a row have each word that is not committed. */
  let repeats: readonly number[] = begin.map(() => 1)
  let newest = { guess: begin, fromWord: 0 }
  /** Guesses in a row that do not have the committed words. */
  let strangers = 0

  const committed = () => words.slice(0, count)

  return {
    get count() {
      return count
    },
    get words() {
      return words
    },
    draft(fromWord) {
      return [...words.slice(0, newest.fromWord), ...newest.guess].slice(fromWord)
    },
    guess(guess, options = {}) {
      const { fromWord = 0, isSure = true } = options
      const { settledMs = Number.NEGATIVE_INFINITY, heardMs = Number.POSITIVE_INFINITY } = options
      newest = { guess, fromWord }
      const [known, heard] = [lettersOf(words.slice(fromWord, count)), lettersOf(guess)]
      const told = knownWordsEnd(known, heard, fromWord === 0)
      strangers = told === undefined ? strangers + 1 : 0
      // It is about something else: the next one may be better.
      if (strangers === 1) return
      const from = told ?? lastOfBefore(guess, words[count - 1])
      for (const [index, at] of sameWords(known, heard.slice(0, from))) {
        // Where its audio begins a word may be torn.
        if (at > 0 || fromWord === 0) places[fromWord + index]?.push(guess[at] as Word)
      }
      const fresh = guess.slice(from)
      repeats = fresh.map((word, index) => {
        const before = words[count + index]
        return before && isSame(before, word) ? (repeats[index] ?? 0) + 1 : 1
      })
      let agreed = 0
      const isBeginning = count === 0 && heardMs - (fresh[0]?.startMs ?? 0) < BEGINNING_MS
      for (; isSure && agreed < fresh.length; agreed++) {
        const [word, before] = [fresh[agreed] as Word, words[count + agreed]]
        const isSettled = word.endMs <= settledMs
        // What comes last is often the beginning of another word.
        const isFollowed = agreed < fresh.length - 1 && !isBeginning
        const heardBy = repeats[agreed] ?? 0
        const isAgreed = isFollowed && heardBy >= guessesFor(word)
        const isClear = isFollowed && word.confidence >= CLEAR
        if (!isSettled && !isAgreed && !isClear) break
        places.push(before && heardBy > 1 ? [before, word] : [word])
      }
      words = [...committed(), ...fresh]
      repeats = repeats.slice(agreed)
      count += agreed
    },
    complete(final, isAligned = false) {
      const [known, heard] = [lettersOf(committed()), lettersOf(final)]
      const from = knownWordsEnd(known, heard, true) ?? lastOfBefore(final, committed().at(-1))
      const pairs = sameWords(known, heard.slice(0, from))
      const kept = committed().map((word, index) => {
        const same = final[pairs.get(index) ?? -1]
        const spans = places[index] ?? []
        const { text, confidence } = same ?? word
        const { startMs, endMs } = middleSpan(same ? [...(isAligned ? [] : spans), same] : spans)
        return { text, startMs, endMs, confidence }
      })
      return inOrder([...kept, ...final.slice(from)])
    },
    splitAt(atMs) {
      const isAfter = (word: Word, index: number) => index >= count && middleOf(word) > atMs
      const at = words.findIndex(isAfter)
      const rest = createCommittedWords(at === -1 ? [] : words.slice(at))
      if (at !== -1) words = words.slice(0, at)
      return rest
    },
  }
}

type Span = Pick<Word, 'startMs' | 'endMs'>

/** Each decode places a word anew, and now and then far off: the median of several is seldom. */
function middleSpan(spans: readonly Span[]): Span {
  const median = (all: readonly number[]) => {
    const sorted = all.toSorted((a, b) => a - b)
    const half = (sorted.length - 1) / 2
    const [below = 0, above = 0] = [sorted[Math.floor(half)], sorted[Math.ceil(half)]]
    return Math.round((below + above) / 2)
  }
  const startMs = median(spans.map((span) => span.startMs))
  return { startMs, endMs: Math.max(startMs, median(spans.map((span) => span.endMs))) }
}

/** How many words of a final lie before the end of the last committed word, where their letters do not tell. */
function lastOfBefore(final: readonly Word[], committed: Word | undefined): number {
  return final.filter((word) => middleOf(word) < (committed?.endMs ?? 0)).length
}

/** Heard so clearly, and with a word behind it, one guess is as good as two: the final has more than 97 of 100 such words. */
const CLEAR = 0.92
/** Less clear than this, a word is often misheard by two guesses in a row. A library that cannot tell says 0.5. */
const UNCLEAR = 0.5
/** Out of so little speech, ms, its first word is often misheard, and twice in a row. */
const BEGINNING_MS = 1200

/** So many guesses in a row must have a word before it is committed; how clear it is tells the newest of them. */
function guessesFor({ confidence }: Word): number {
  return confidence < UNCLEAR ? 3 : 2
}

function isSame(one: Word, other: Word): boolean {
  return letters(one.text) === letters(other.text)
}

/** Where the words of two decodes are the same, by their places in each: the longest common subsequence. */
function sameWords(these: readonly string[], those: readonly string[]): Map<number, number> {
  const rows = Array.from({ length: these.length + 1 }, () =>
    Array.from({ length: those.length + 1 }, () => 0),
  )
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0
  for (let i = these.length - 1; i >= 0; i--) {
    for (let j = those.length - 1; j >= 0; j--) {
      const row = rows[i] as number[]
      row[j] = these[i] === those[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pairs = new Map<number, number>()
  for (let i = 0, j = 0; i < these.length && j < those.length;) {
    if (these[i] === those[j]) pairs.set(i++, j++)
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

function middleOf({ startMs, endMs }: Word): number {
  return (startMs + endMs) / 2
}

/** Words from two decodes: none begins before the one before it. */
function inOrder(words: readonly Word[]): Word[] {
  let atMs = Number.NEGATIVE_INFINITY
  return words.map((word) => {
    atMs = Math.max(atMs, word.startMs)
    return { ...word, startMs: atMs, endMs: Math.max(atMs, word.endMs) }
  })
}
