import type { LanguageGuess } from '../library/whisper-binding.ts'

/** Shorter speech holds too few sounds: "okay" and "no" are words of many languages. */
const SHORTEST_MS = 1000
/**
 * From here on the likeliest language is likelier than all others together: good enough to begin
 * with, as a wrong beginning is put right by the next sentences.
 */
const SETTLES_P = 0.5
/** A name or a quotation seldom takes so long, and sounds of another language are seldom so clear. */
const LONG_MS = 3000
const VERY_SURE_P = 0.9
/** Two in a row that agree are hardly chance: accents are mistaken now and then, not twice alike. */
const AGREES_P = 0.6
/** Where the library tells no probability: its word counts in two that agree, and to begin with. */
const UNTOLD_P = AGREES_P

export interface LanguageObservation {
  /** As the model gives them; those that are no candidates are left out of account. */
  readonly guesses: readonly LanguageGuess[]
  /** Speech that they were made from, ms. */
  readonly speechMs: number
  /** Of two observations of the same speech neither bears out the other. Default: each is of its own. */
  readonly speech?: object
}

export interface LanguageTrackerOptions {
  /** Whisper's codes; where several are named, no other is considered. Empty: all of them. */
  readonly candidates?: readonly string[]
  /** Until anything was heard. Default: the first candidate, else `en`. */
  readonly initial?: string
}

/** Which language is spoken, for a session that was not told. */
export interface LanguageTracker {
  /** To decode with now. Never `auto`. */
  readonly language: string
  /** Whether it is more than the best guess so far. */
  readonly settled: boolean
  /**
   * In order, with each decode of an utterance. Answers the language to decode it with: the current
   * one, also where it has just changed.
   */
  observe(observation: LanguageObservation): string
}

/**
 * Follows the language of a stream without following every mistake: what begins is decided by the
 * first clear utterance; after that a switch needs a long, very sure one, or two in a row that agree.
 */
export function createLanguageTracker(options: LanguageTrackerOptions = {}): LanguageTracker {
  const { candidates = [] } = options
  let language = options.initial ?? candidates[0] ?? 'en'
  let settled = false
  /** Another language that the utterance before was in. */
  let doubt: string | undefined
  let doubtfulSpeech: object | undefined

  function change(to: string): void {
    language = to
    settled = true
    doubt = undefined
  }

  function settle(best: string, p: number, speechMs: number): void {
    if (p >= SETTLES_P && speechMs >= SHORTEST_MS) change(best)
    // Better than to decode in a language that nothing speaks for.
    else language = best
  }

  function follow(best: string, p: number, speechMs: number, speech: object = {}): void {
    // Neither for a switch nor against one that has begun.
    if (speechMs < SHORTEST_MS) return
    if (best === language || p < AGREES_P) doubt = undefined
    else if (p >= VERY_SURE_P && speechMs >= LONG_MS) change(best)
    else if (best === doubt && speech !== doubtfulSpeech) change(best)
    else {
      doubt = best
      doubtfulSpeech = speech
    }
  }

  return {
    get language() {
      return language
    },
    get settled() {
      return settled
    },
    observe({ guesses, speechMs, speech }) {
      const best = likeliest(guesses, candidates)
      if (best && settled) follow(best.language, best.p, speechMs, speech)
      else if (best) settle(best.language, best.p, speechMs)
      return language
    },
  }
}

/** The likeliest candidate, with its share of what the candidates have together. */
function likeliest(
  guesses: readonly LanguageGuess[],
  candidates: readonly string[],
): { language: string; p: number } | undefined {
  const possible = guesses
    .filter(({ language }) => candidates.length === 0 || candidates.includes(language))
    .map(({ language, p = UNTOLD_P }) => ({ language, p }))
    .toSorted((a, b) => b.p - a.p)
  const [best] = possible
  if (!best || candidates.length === 0) return best
  const sum = possible.reduce((all, { p }) => all + p, 0)
  return { ...best, p: sum > 0 ? best.p / sum : 0 }
}
