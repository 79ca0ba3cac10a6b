import { spokenForm } from '@saywire/speech/testing'

/** A word as it is written, and when it is said if that is known: ms. */
export interface AlignedWord {
  readonly text: string
  readonly startMs?: number | undefined
  readonly endMs?: number | undefined
}

/** A word of the reference that was heard. Both are indices into what was aligned. */
export interface WordPair {
  readonly reference: number
  readonly heard: number
  /** The two begin with the same sound: one word may be written as two. */
  readonly sharesStart: boolean
  readonly sharesEnd: boolean
}

export interface Alignment {
  readonly pairs: readonly WordPair[]
  /** Of the heard words, whether each is right in all its parts. */
  readonly isRight: readonly boolean[]
  /** Spoken words of the reference that have nothing in their place. */
  readonly lost: number
}

/** The same word said again is another one. */
const FAR_MS = 2000
/** As few differences as possible, and with so many as many matches as possible. */
const DIFFERENCE = 1_000_000
const MATCH = -1

interface Token {
  readonly text: string
  readonly word: number
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly middleMs: number | undefined
}

/**
 * Pairs the words of a reference with those that were heard, so that as few as possible differ.
 * Compared is what is said, so that "11" is "eleven" and "real-time" is "real time"; words that are
 * said more than 2 s apart are not the same.
 */
export function alignWords(
  reference: readonly AlignedWord[],
  heard: readonly AlignedWord[],
): Alignment {
  const wanted = tokensOf(reference)
  const got = tokensOf(heard)
  const costs = costsOf(wanted, got)
  const pairs = new Map<string, WordPair>()
  // What is nothing when it is spoken, a note or a dash, is no right word.
  const wrong = new Set([...heard.keys()].filter((i) => !got.some(({ word }) => word === i)))
  let lost = 0
  let i = wanted.length
  let j = got.length
  while (i > 0 || j > 0) {
    const cost = costs[i]?.[j] as number
    const a = wanted[i - 1]
    const b = got[j - 1]
    if (a && b && cost === (costs[i - 1]?.[j - 1] as number) + costOf(a, b)) {
      if (isSame(a, b)) addPair(pairs, a, b)
      else wrong.add(b.word)
      i--
      j--
    } else if (b && cost === (costs[i]?.[j - 1] as number) + DIFFERENCE) {
      wrong.add(b.word)
      j--
    } else {
      lost++
      i--
    }
  }
  return {
    pairs: [...pairs.values()].toReversed(),
    isRight: heard.map((_, index) => !wrong.has(index)),
    lost,
  }
}

/** Walked from the end, so a word's last part comes first. */
function addPair(pairs: Map<string, WordPair>, a: Token, b: Token): void {
  const key = `${a.word} ${b.word}`
  const known = pairs.get(key)
  pairs.set(key, {
    reference: a.word,
    heard: b.word,
    sharesStart: a.isFirst && b.isFirst,
    sharesEnd: (known?.sharesEnd ?? false) || (a.isLast && b.isLast),
  })
}

/** `costs[i][j]`: of the first i wanted words against the first j others. */
function costsOf(wanted: readonly Token[], got: readonly Token[]): number[][] {
  const costs = [Array.from({ length: got.length + 1 }, (_, j) => j * DIFFERENCE)]
  for (const a of wanted) {
    const above = costs.at(-1) as number[]
    const row = [(above[0] as number) + DIFFERENCE]
    for (const [j, b] of got.entries()) {
      const diagonal = (above[j] as number) + costOf(a, b)
      const gap = Math.min(above[j + 1] as number, row[j] as number) + DIFFERENCE
      row.push(Math.min(diagonal, gap))
    }
    costs.push(row)
  }
  return costs
}

function costOf(a: Token, b: Token): number {
  return isSame(a, b) ? MATCH : DIFFERENCE
}

function isSame(a: Token, b: Token): boolean {
  if (a.text !== b.text) return false
  if (a.middleMs === undefined || b.middleMs === undefined) return true
  return Math.abs(a.middleMs - b.middleMs) <= FAR_MS
}

function tokensOf(words: readonly AlignedWord[]): Token[] {
  return words.flatMap(({ text, startMs, endMs }, word) => {
    const middleMs =
      startMs === undefined || endMs === undefined ? undefined : (startMs + endMs) / 2
    const parts = spokenForm(text)
    return parts.map((part, i) => ({
      text: part,
      word,
      isFirst: i === 0,
      isLast: i === parts.length - 1,
      middleMs,
    }))
  })
}
