import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { SpeechClip } from './speech-set.ts'

/** From the beginning of a clip, ms. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Of each file its reference's words: start and end by turns, ms from the clip's beginning; or the
 * file that has the same speech without the noise. Made once by an aligner that has nothing to do
 * with Whisper: PocketSphinx 5prealpha (Debian's `pocketsphinx` and `pocketsphinx-en-us`), given a
 * grammar of exactly the reference's words with optional silence between them, beams of 1e-150 and
 * without its own removal of silence; its steps are 10 ms. Four words that its dictionary lacks had
 * their pronunciation written by hand. Held against the energy: after a pause a clip gets louder
 * 20 ms (median of 80) after the word's start.
 */
const file = new URL('word-times.json', import.meta.url)
const schema = z.record(z.string(), z.union([z.string(), z.array(z.number())]))
const table = schema.parse(JSON.parse(readFileSync(file, 'utf8')))

/**
 * What is said in a clip and its reference leaves out ("uh", as loud as the words around it): there the
 * speaker does not pause. All other gaps of 0.7 s between words are quiet.
 */
const UNWRITTEN: Record<string, readonly Span[]> = {
  'en/spacewalk.wav': [{ startMs: 7690, endMs: 8350 }],
}

/** When each word of the clip's reference is said; undefined where nobody has aligned it. */
export function wordTimesOf(clip: Pick<SpeechClip, 'file' | 'reference'>): Span[] | undefined {
  const times = table[cleanFileOf(clip.file)]
  const words = writtenWords(clip.reference)
  // Another set may have another clip of that name.
  if (typeof times !== 'object' || times.length !== 2 * words.length) return undefined
  return words.map((_, i) => ({
    startMs: times[2 * i] as number,
    endMs: times[2 * i + 1] as number,
  }))
}

/** Speech of a clip that has word times, which its reference does not have. */
export function unwrittenSpeechOf({ file }: Pick<SpeechClip, 'file'>): readonly Span[] {
  return UNWRITTEN[cleanFileOf(file)] ?? []
}

function cleanFileOf(file: string): string {
  const entry = table[file]
  return typeof entry === 'string' ? entry : file
}

export function writtenWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
