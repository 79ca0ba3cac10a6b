import type { Word } from '@saywire/speech'
import type { TimedEvent } from '../heard-words.ts'

const WORD_MS = 300

/** Words of 300 ms, one after the other. */
export function wordsFrom(text: string, startMs: number): Word[] {
  const texts = text.split(' ').filter((word) => word !== '')
  return texts.map((word, i) => ({
    text: word,
    startMs: startMs + i * WORD_MS,
    endMs: startMs + (i + 1) * WORD_MS,
    confidence: 1,
  }))
}

/** What was said so far of words that began at `startMs`. */
export function interim(
  text: string,
  startMs: number,
  atMs: number,
  extra: { readonly committedWords?: number } = {},
): TimedEvent {
  return { event: { type: 'interim', ...transcript(text, startMs), ...extra }, atMs }
}

export function final(
  text: string,
  startMs: number,
  atMs: number,
  { speechFinal = true }: { readonly speechFinal?: boolean } = {},
): TimedEvent {
  return { event: { type: 'final', ...transcript(text, startMs), speechFinal }, atMs }
}

function transcript(text: string, startMs: number) {
  const words = wordsFrom(text, startMs)
  const endMs = startMs + Math.max(1, words.length) * WORD_MS
  return { text, words, startMs, endMs, confidence: 1 }
}
