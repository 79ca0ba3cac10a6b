import { deflateRawSync } from 'node:zlib'
import type { Word } from '../../speech-event.ts'
import type { Decoded, WhisperToken } from '../library/whisper-binding.ts'
import type { Guard } from './guards.ts'

/** Below this mean log-probability a text is invented: real speech measured above −0.6. */
const LEAST_MEAN_LOGPROB = -1
/** Where the library tells no probability. */
const UNKNOWN_CONFIDENCE = 0.5
/** Below this it is not sure of itself. */
const UNSURE_MEAN_LOGPROB = -0.6
/** `[Music]`, `(laughs)`, `*sighs*`, `♪ la la ♪`, also without their end; `>>` is a new speaker. */
const NOT_SPEECH = /\[[^\]]*(?:\]|$)|\([^)]*(?:\)|$)|\*[^*]*(?:\*|$)|♪[^♪]*(?:♪|$)|>>/g
const SOUND_LOOP = /(.{1,4}?)\1{7,}/u
const LONGEST_LOOP_WORDS = 8
/** A sentence that is said again takes at least so long for each word, ms; fewer were made up. */
const LEAST_WORD_MS = 130
/** Text that shrinks to less than this is no language (2.4 in Whisper's own rule), if it is long enough to tell. */
const MOST_COMPRESSION = 2.4
const COMPRESSIBLE_CHARS = 60

const TIME_TOKENS = 2

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
  /** Where the text was cut at the latest. Default: nowhere. */
  readonly maxTokens?: number
  /** Left out, to measure what each is worth. Default: none. */
  readonly disabledGuards?: readonly Guard[] | undefined
}

/**
 * Words of what Whisper heard, less what it only made up: sound descriptions, answers that it does
 * not believe itself, and loops.
 */
export function spokenWords(decoded: Decoded, options: WordsOptions): readonly Word[] {
  const { spaced = true, disabledGuards = [] } = options
  const has = (guard: Guard) => !disabledGuards.includes(guard)
  if (has('logprob') && isInvented(decoded)) return []
  let parts = joinTokens(decoded.tokens, spaced)
  if (has('notes')) parts = withoutNotes(parts)
  if (has('loops')) {
    const { maxTokens = Number.POSITIVE_INFINITY } = options
    const { looped = false } = decoded
    const hasEnd = !looped && tokenCount(decoded.tokens) < maxTokens
    parts = withoutEcho(withoutLoops(parts, looped), options.endMs - options.startMs, hasEnd)
  }
  const raw = parts.map((part) => part.raw).join('')
  if (!/[\p{L}\p{N}]/u.test(raw)) return []
  if (has('compression') && compression(raw) > MOST_COMPRESSION) return []
  return placeWords(parts, options)
}

/** Whether two words or more are said twice in a row: it may be so, but a next guess often knows better. */
export function saysTwice(words: readonly Word[]): boolean {
  const plain = words.map(({ text }) => plainly(text))
  for (let length = 2; length <= plain.length / 2; length++) {
    for (let at = 0; at + 2 * length <= plain.length; at++) {
      if (isLoop(plain, at, length, 2)) return true
    }
  }
  return false
}

/** Whether the decoder itself finds what it heard unlikely; real speech is never so. */
export function isInvented({ tokens }: Pick<Decoded, 'tokens'>): boolean {
  return meanLogprob(tokens) < LEAST_MEAN_LOGPROB
}

/** Whether the decoder was not sure of what it heard; real speech seldom leaves it so. */
export function isDoubtful({ tokens }: Decoded): boolean {
  return meanLogprob(tokens) < UNSURE_MEAN_LOGPROB
}

/** Words as a line of text. */
export function joinWords(words: readonly Word[], spaced = true): string {
  return words.map(({ text }) => text).join(spaced ? ' ' : '')
}

/** 0–1; 0 of no word. */
export function meanConfidence(words: readonly Word[]): number {
  if (words.length === 0) return 0
  return words.reduce((sum, { confidence }) => sum + confidence, 0) / words.length
}

/** Times are tokens, too, and are not here. */
function tokenCount(tokens: readonly WhisperToken[]): number {
  return TIME_TOKENS + tokens.reduce((sum, { parts }) => sum + parts, 0)
}

function compression(text: string): number {
  if (text.length < COMPRESSIBLE_CHARS) return 1
  const bytes = Buffer.from(text)
  return bytes.length / deflateRawSync(bytes).length
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

/**
 * What is heard in a short window is sometimes said again behind its end, all of it or its last words: "in
 * this regard, in this regard". The second time goes, and all after it, where there was no time to say it or
 * the text did not come to an end.
 */
function withoutEcho(parts: readonly Part[], durationMs: number, hasEnd: boolean): Part[] {
  const plain = parts.map((part) => plainly(part.raw))
  for (let at = 2; at < parts.length; at++) {
    for (let length = Math.min(at, parts.length - at); length >= 2; length--) {
      if (!isLoop(plain, at - length, length, 2)) continue
      const endMs = parts[at + length]?.startMs ?? durationMs
      const tookMs = endMs - (parts[at]?.startMs ?? 0)
      if (!hasEnd || tookMs < length * LEAST_WORD_MS) return parts.slice(0, at)
    }
  }
  return [...parts]
}

/**
 * "Ahhhhhhh" goes; of "and so and so and so and so …" the first is kept, with what was before. The decoder
 * may have been ended in it.
 */
function withoutLoops(parts: readonly Part[], wasEnded: boolean): Part[] {
  const kept = parts.filter((part) => !SOUND_LOOP.test(part.raw))
  const plain = kept.map((part) => plainly(part.raw))
  for (let length = 1; length <= LONGEST_LOOP_WORDS; length++) {
    // People do say "no, no, no, no"; nobody says a whole phrase four times in a row.
    const times = length > 1 || wasEnded ? 4 : 6
    for (let at = 0; at + length * times <= plain.length; at++) {
      if (isLoop(plain, at, length, times)) return kept.slice(0, at + length)
    }
  }
  return kept
}

function plainly(raw: string): string {
  return raw.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
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
