import { fitsLine, LINES_PER_SCREEN } from './caption-text.ts'

/**
 * What has been said since the screen was last empty, as closed captions show it: lines of whole
 * words, which stay as they are while words are added behind them.
 */
export interface CaptionRoll {
  /** Words that will not change any more, then those of the present guess. Each fits a line. */
  readonly words: readonly string[]
  /** How many of them are final. */
  readonly finalCount: number
  /** How many of them viewers have had on their screen. */
  readonly seenCount: number
}

export const emptyRoll: CaptionRoll = { words: [], finalCount: 0, seenCount: 0 }

/** Unseen lines beyond these are skipped: captions that lag further are worse than a gap. */
const LINES_BEHIND_MAX = 3 * LINES_PER_SCREEN

/** What viewers see at once. */
export interface Screen {
  readonly text: string
  /** Characters that were not on the screen before. */
  readonly newChars: number
  /** Whether a line that was there before is gone from it. */
  readonly isScrolled: boolean
  /** The roll once viewers have it. */
  readonly seen: CaptionRoll
}

/** A guess replaces the guess before it. */
export function rollInterim(roll: CaptionRoll, words: readonly string[]): CaptionRoll {
  const finals = roll.words.slice(0, roll.finalCount)
  return bounded({ ...roll, words: [...finals, ...words] })
}

/** Final words take the place of the guess. */
export function rollFinal(roll: CaptionRoll, words: readonly string[]): CaptionRoll {
  const rolled = rollInterim(roll, words)
  const finalCount = rolled.words.length
  return { ...rolled, finalCount, seenCount: Math.min(rolled.seenCount, finalCount) }
}

/**
 * The next screen; where viewers have seen everything, the last one as its words are now. Undefined
 * where there are no words.
 */
export function nextScreen(roll: CaptionRoll): Screen | undefined {
  const lines = layOut(roll.words)
  if (lines.length === 0) return undefined
  const unseen = lines.findIndex((line) => line.endCount > roll.seenCount)
  const next = unseen === -1 ? lines.length : Math.max(unseen, lines.length - LINES_BEHIND_MAX)
  // Where less than a screen is new, the line before it stays.
  const first = Math.max(0, Math.min(next, lines.length - LINES_PER_SCREEN))
  const shown = lines.slice(first, first + LINES_PER_SCREEN)
  const seenCount = Math.max(roll.seenCount, shown.at(-1)?.endCount ?? 0)
  return {
    text: shown.map((line) => line.text).join('\n'),
    newChars: roll.words.slice(roll.seenCount, seenCount).join(' ').length,
    isScrolled: roll.seenCount > 0 && first > firstOnScreen(lines, roll.seenCount),
    seen: { ...roll, seenCount },
  }
}

interface Line {
  readonly text: string
  /** Words up to the end of this line, counted from the roll's first. */
  readonly endCount: number
}

/** As many words to a line as fit. */
function layOut(words: readonly string[]): Line[] {
  const lines: Line[] = []
  for (const [index, word] of words.entries()) {
    const last = lines.at(-1)
    const joined = last === undefined ? word : `${last.text} ${word}`
    if (last === undefined || !fitsLine(joined)) lines.push({ text: word, endCount: index + 1 })
    else lines[lines.length - 1] = { text: joined, endCount: index + 1 }
  }
  return lines
}

/** The first line of the screen whose last word is the `seenCount`th. */
function firstOnScreen(lines: readonly Line[], seenCount: number): number {
  const last = lines.findIndex((line) => line.endCount >= seenCount)
  return Math.max(0, last - LINES_PER_SCREEN + 1)
}

/** Forgets whole final lines from the front: those off the screen, and those too far behind. */
function bounded(roll: CaptionRoll): CaptionRoll {
  const lines = layOut(roll.words)
  const first = Math.max(firstOnScreen(lines, roll.seenCount), lines.length - LINES_BEHIND_MAX)
  const gone = lines.slice(0, first).findLast((line) => line.endCount <= roll.finalCount)
  const goneCount = gone?.endCount ?? 0
  return {
    words: roll.words.slice(goneCount),
    finalCount: roll.finalCount - goneCount,
    seenCount: Math.max(0, roll.seenCount - goneCount),
  }
}
