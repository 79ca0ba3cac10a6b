import type { Caption, CaptionState } from './captions.ts'
import { CAPTIONS_MAX, noCaptions } from './captions.ts'

/** Time from one word to the next, ms. */
const WORD_MS = 320
/** Time from a sentence's last word to the next sentence, ms. */
const PAUSE_MS = 900

export const SAMPLE_SENTENCES = [
  'Welcome back, everyone!',
  'Captions appear while I speak, and grow with every word.',
  'When a sentence is done, it stays as it is.',
  'Guesses look like this until they are certain.',
] as const

/** How long it takes to speak the sentences once, ms. */
export function speakingTimeMs(sentences: readonly string[]): number {
  return sentences.reduce((sum, text) => sum + durationMs(text), 0)
}

/**
 * Pure: the captions of somebody who has been speaking these sentences for this long, over and
 * over. For previews; the times are on the clock that began with the first word.
 */
export function sampleCaptions(sentences: readonly string[], elapsedMs: number): CaptionState {
  if (sentences.length === 0) return noCaptions
  const roundMs = speakingTimeMs(sentences)
  const rounds = Math.max(0, Math.floor(elapsedMs / roundMs) - 1)
  const lines: Caption[] = []
  // The round before is enough to begin with: older lines have scrolled away.
  let startMs = rounds * roundMs
  for (let id = rounds * sentences.length; ; id += 1) {
    const text = sentences[id % sentences.length] ?? ''
    const words = text.split(' ')
    const heard = Math.max(0, Math.floor((elapsedMs - startMs) / WORD_MS) + 1)
    const endMs = startMs + words.length * WORD_MS
    if (heard <= words.length) {
      const changedAtMs = startMs + Math.max(0, heard - 1) * WORD_MS
      const guess = words
        .slice(0, heard)
        .join(' ')
        .replace(/[.!,]$/, '')
      const interim = { id, text: guess, startMs, endMs, appearedAtMs: startMs, changedAtMs }
      return {
        lines: lines.slice(-CAPTIONS_MAX),
        interim: guess === '' ? null : interim,
        ended: false,
      }
    }
    lines.push({ id, text, startMs, endMs, appearedAtMs: startMs, changedAtMs: endMs })
    startMs += durationMs(text)
  }
}

function durationMs(text: string): number {
  return text.split(' ').length * WORD_MS + PAUSE_MS
}
