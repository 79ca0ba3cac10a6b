import type { FinalEvent, Word } from '@saywire/speech'

/** A final of these words, `wordMs` each, with nothing between them. */
export function finalOf(text: string, startMs: number, wordMs = 300): FinalEvent {
  const words: Word[] = text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * wordMs,
    endMs: startMs + (index + 1) * wordMs,
    confidence: 0.9,
  }))
  const endMs = startMs + words.length * wordMs
  return { type: 'final', text, words, confidence: 0.9, startMs, endMs, speechFinal: true }
}
