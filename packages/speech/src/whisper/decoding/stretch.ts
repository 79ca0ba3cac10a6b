import type { Word } from '../../speech-event.ts'
import { createCommittedWords } from './committed-words.ts'
import type { CommittedWords } from './committed-words.ts'
import { joinWords, meanConfidence } from './spoken-words.ts'

/**
 * An interim hears no more than this, ms, of what is committed already, beside all that is not: enough to
 * know what the sentence is about, and no dearer at its end than at its beginning.
 */
const REACHES_BACK_MS = 2500
/** What begins with a word begins so much before it, ms: that may begin earlier than it seems. */
export const BEFORE_WORD_MS = 90

/** Speech that has no final yet: its words, and what has been shown of them. */
export interface Stretch {
  readonly words: CommittedWords
  readonly lastCommitted: Word | undefined
  /** An interim had something to say of it. */
  readonly wasShown: boolean
  /** Where the next interim begins to listen, ms, and with which of the committed words. */
  readonly interimStart: { readonly fromMs: number; readonly fromWord: number }
  /** What an interim says of it now; undefined where the last one said the same. */
  show(isSpaced: boolean): Shown | undefined
}

export interface Shown {
  readonly text: string
  readonly words: readonly Word[]
  /** So many of its words stay. */
  readonly committedWords: number
  /** 0–1. */
  readonly confidence: number
}

/** @param committed what was guessed of it while it was still the end of the stretch before */
export function createStretch(committed: CommittedWords = createCommittedWords()): Stretch {
  let shownText = ''
  let shownCount = 0
  const lastCommitted = () => committed.words[committed.count - 1]

  return {
    words: committed,
    get lastCommitted() {
      return lastCommitted()
    },
    get wasShown() {
      return shownText !== ''
    },
    get interimStart() {
      const { words, count } = committed
      const endMs = lastCommitted()?.endMs ?? 0
      const fromWord = words.findIndex(
        ({ startMs }, index) => index < count && endMs - startMs <= REACHES_BACK_MS,
      )
      const word = fromWord > 0 ? words[fromWord] : undefined
      return word
        ? { fromMs: word.startMs - BEFORE_WORD_MS, fromWord }
        : { fromMs: Number.NEGATIVE_INFINITY, fromWord: 0 }
    },
    show(isSpaced) {
      const { words, count } = committed
      const text = joinWords(words, isSpaced)
      if (text === shownText && count === shownCount) return undefined
      shownText = text
      shownCount = count
      return { text, words, committedWords: count, confidence: meanConfidence(words) }
    },
  }
}
