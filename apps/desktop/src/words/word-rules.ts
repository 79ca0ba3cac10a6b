import type { Transcript, Word } from '@saywire/speech'
import type { Settings, WordOutput } from '../settings/settings.ts'
import { ENGLISH_PROFANITY } from './english-profanity.ts'
import type { ProfanityFilter } from './profanity.ts'
import { createProfanityFilter } from './profanity.ts'
import { createReplacer } from './replacements.ts'
import type { TextEdit } from './text-edits.ts'
import { applyEdits, applyEditsToWords } from './text-edits.ts'
import { tidyRemovals } from './tidy-removals.ts'

/** What one output shows of what an engine heard. Pure; compiled once. */
export interface WordRules {
  /** The words that will not change any more. The text may become empty. */
  ofFinal<T extends Transcript>(transcript: T): T
  /** Also holds the end back while it may be the beginning of a profane word. */
  ofInterim<T extends Transcript>(transcript: T): T
  /** What becomes of a word depends on so many words that begin with it, at most. */
  readonly reachWords: number
}

/** Turns a text into its edits; the edits' places are places in that text. */
type Pass = (text: string) => readonly TextEdit[]

/**
 * Compiles the user's word rules for one output: first the replacements, then profanity in what
 * they left. Undefined where nothing is to be done.
 */
export function createWordRules(
  settings: Settings['words'],
  output: WordOutput,
): WordRules | undefined {
  const mode = settings.profanity[output]
  const passes: Pass[] = []
  let reachWords = 1
  if (settings.replaceIn[output] && settings.replacements.length > 0) {
    passes.push(createReplacer(settings.replacements))
    reachWords += longest(settings.replacements.map(({ from }) => from)) - 1
  }
  let profanity: ProfanityFilter | undefined
  if (mode !== 'off') {
    const { profaneWords, allowedWords } = settings
    profanity = createProfanityFilter({ mode, words: profaneWords, exceptions: allowedWords })
    passes.push(profanity.editsOf)
    reachWords += longest([...ENGLISH_PROFANITY, ...profaneWords, ...allowedWords]) - 1
  }
  if (passes.length === 0) return undefined
  const ofFinal = <T extends Transcript>(transcript: T) => runPasses(transcript, passes)
  return {
    ofFinal,
    ofInterim(transcript) {
      const shown = ofFinal(transcript)
      return profanity ? runPasses(shown, [holdBack(profanity)]) : shown
    },
    reachWords,
  }
}

/** Words of the phrase that has most. */
function longest(phrases: readonly string[]): number {
  return Math.max(1, ...phrases.map((phrase) => phrase.split(/[^\p{L}\p{M}\p{N}'’]+/u).length))
}

function holdBack(profanity: ProfanityFilter): Pass {
  return (text) => {
    const start = profanity.holdBackFrom(text)
    return start < text.length ? [{ start, end: text.length, replacement: '' }] : []
  }
}

/** Returns the same object where nothing changes. */
function runPasses<T extends Transcript>(transcript: T, passes: readonly Pass[]): T {
  let { text, words } = composed(transcript)
  for (const pass of passes) {
    const edits = editsOf(pass, text)
    // The words are a text of their own: an engine may format the whole differently (`$20`).
    const joined = words.map((word) => word.text).join(' ')
    const wordEdits = joined === text ? edits : editsOf(pass, joined)
    text = edits.length === 0 ? text : applyEdits(text, edits).trim()
    words = wordEdits.length === 0 ? words : applyEditsToWords(words, wordEdits)
  }
  return text === transcript.text && words === transcript.words
    ? transcript
    : { ...transcript, text, words }
}

/** Rules are written in composed letters; few engines write `ë` as two characters. */
function composed({ text, words }: Transcript): { text: string; words: readonly Word[] } {
  const isComposed = words.every((word) => word.text === word.text.normalize('NFC'))
  return {
    text: text.normalize('NFC'),
    words: isComposed
      ? words
      : words.map((word) => ({ ...word, text: word.text.normalize('NFC') })),
  }
}

function editsOf(pass: Pass, text: string): readonly TextEdit[] {
  const edits = pass(text)
  return edits.some(({ replacement }) => replacement === '') ? tidyRemovals(text, edits) : edits
}
