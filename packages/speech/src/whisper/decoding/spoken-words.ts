import type { Word } from '../../speech-event.ts'
import type { WhisperToken } from '../library/whisper-binding.ts'

/** Below this mean log-probability a text is invented: real speech measured above −0.6. */
const LEAST_MEAN_LOGPROB = -1
/** Where the library tells no probability. */
const UNKNOWN_CONFIDENCE = 0.5
/** `[Music]`, `(laughs)`, `*sighs*`, `♪ la la ♪`, also without their end; `>>` is a new speaker. */
const NOT_SPEECH = /\[[^\]]*(?:\]|$)|\([^)]*(?:\)|$)|\*[^*]*(?:\*|$)|♪[^♪]*(?:♪|$)|>>/g
const SOUND_LOOP = /(.{1,4}?)\1{7,}/u
const LONGEST_LOOP_WORDS = 8

export interface SpokenWords {
  readonly text: string
  readonly words: readonly Word[]
  readonly confidence: number
}

interface Part {
  raw: string
  startMs: number
  endMs: number
  confidence: number
}

export interface WordsOptions {
  /** Capture-clock position of the first sample that was decoded, ms. */
  readonly startMs: number
  /** Capture-clock position of the end; no word is placed after it. */
  readonly endMs: number
  /** False for languages that put no spaces between words: each token is shown as one. */
  readonly spaced?: boolean
}

const nothing: SpokenWords = { text: '', words: [], confidence: 0 }

/**
 * Words of what Whisper heard, less what it only made up: sound descriptions, answers that it does
 * not believe itself, and loops.
 */
export function spokenWords(tokens: readonly WhisperToken[], options: WordsOptions): SpokenWords {
  if (meanLogprob(tokens) < LEAST_MEAN_LOGPROB) return nothing
  const parts = withoutLoops(withoutNotes(joinTokens(tokens, options.spaced ?? true)))
  if (!/[\p{L}\p{N}]/u.test(parts.map((part) => part.raw).join(''))) return nothing
  const words = placeWords(parts, options)
  const confidence = words.reduce((sum, word) => sum + word.confidence, 0) / words.length
  const text = parts.map((part) => part.raw).join('')
  return { text: text.replaceAll(/\s+/g, ' ').trim(), words, confidence }
}

function meanLogprob(tokens: readonly WhisperToken[]): number {
  let sum = 0
  let count = 0
  for (const { logp, parts } of tokens) {
    if (logp === undefined) continue
    sum += logp
    count += parts
  }
  return count === 0 ? 0 : sum / count
}

/** A token with a leading space begins a word; the others, punctuation too, go on with it. */
function joinTokens(tokens: readonly WhisperToken[], spaced: boolean): Part[] {
  const parts: Part[] = []
  for (const token of tokens) {
    const last = parts.at(-1)
    const confidence = token.p ?? UNKNOWN_CONFIDENCE
    const punctuation = /^\p{P}+$/u.test(token.text)
    if (last && (punctuation || (spaced && !token.text.startsWith(' ')))) {
      last.raw += token.text
      // How sure it is of a comma, and when, says nothing about the word.
      if (punctuation) continue
      last.endMs = token.endMs
      last.confidence = Math.min(last.confidence, confidence)
    } else {
      const { startMs, endMs } = token
      parts.push({ raw: token.text, startMs, endMs, confidence })
    }
  }
  return parts
}

/** Leaves out every word that a note touches. */
function withoutNotes(parts: readonly Part[]): Part[] {
  const raw = parts.map((part) => part.raw).join('')
  const notes = [...raw.matchAll(NOT_SPEECH)].map((match) => {
    return { from: match.index, to: match.index + match[0].length }
  })
  let at = 0
  return parts.filter((part) => {
    const from = at
    at += part.raw.length
    return !notes.some((note) => note.from < at && note.to > from)
  })
}

/** "Ahhhhhhh" goes; of "and so and so and so and so …" the first is kept, with what was before. */
function withoutLoops(parts: readonly Part[]): Part[] {
  const kept = parts.filter((part) => !SOUND_LOOP.test(part.raw))
  const plain = kept.map((part) => part.raw.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''))
  for (let length = 1; length <= LONGEST_LOOP_WORDS; length++) {
    // People do say "no, no, no, no"; nobody says a whole phrase four times in a row.
    const times = length === 1 ? 6 : 4
    for (let at = 0; at + length * times <= plain.length; at++) {
      if (isLoop(plain, at, length, times)) return kept.slice(0, at + length)
    }
  }
  return kept
}

function isLoop(words: readonly string[], at: number, length: number, times: number): boolean {
  for (let i = at + length; i < at + length * times; i++) {
    if (words[i] !== words[i - length]) return false
  }
  return true
}

/** In order, inside the audio. */
function placeWords(parts: readonly Part[], { startMs, endMs }: WordsOptions): Word[] {
  let atMs = startMs
  return parts.map((part) => {
    const wordStartMs = Math.min(Math.max(startMs + part.startMs, atMs), endMs)
    const wordEndMs = Math.min(Math.max(startMs + part.endMs, wordStartMs), endMs)
    atMs = wordStartMs
    const { confidence } = part
    return { text: part.raw.trim(), startMs: wordStartMs, endMs: wordEndMs, confidence }
  })
}
