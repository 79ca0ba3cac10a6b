import type { Decoded } from '../library/whisper-binding.ts'
import type { VoiceDetector } from '../decoding/voice-detector.ts'

const SAMPLES_PER_MS = 16
const FRAME = 20 * SAMPLES_PER_MS
/** A word, and how it fades before the next one, ms. */
const WORD_MS = 240
const FADE_MS = 160
const FADE_LEVEL = 0.1
const FIRST_LEVEL = 0.2
const LEVEL_STEP = 0.002
/** So many can be told apart by their level. */
const MOST_WORDS = 390

const VOCABULARY =
  'apple bridge cloud dragon engine forest garden hammer island jungle kitchen lemon mountain needle orange ' +
  'planet quarter river sunset tiger umbrella violin window yellow zebra'
const TEXTS = VOCABULARY.split(' ')

/** Audio whose words can be read from its samples: the nth is as loud as n says. */
export interface SpokenAudio {
  /** The next words, 400 ms each. */
  words(count: number): Int16Array
  /** All that has been said so far. */
  readonly said: readonly string[]
}

/** Never says the same word twice within 25. */
export function createSpokenAudio(): SpokenAudio {
  const said: string[] = []
  return {
    said,
    words(count) {
      if (said.length + count > MOST_WORDS) throw new RangeError('no level is left for more words')
      const samples = new Int16Array(count * (WORD_MS + FADE_MS) * SAMPLES_PER_MS)
      for (let i = 0, at = 0; i < count; i++) {
        const level = FIRST_LEVEL + said.length * LEVEL_STEP
        samples.fill(Math.round(level * 32_767), at, (at += WORD_MS * SAMPLES_PER_MS))
        samples.fill(Math.round(FADE_LEVEL * 32_767), at, (at += FADE_MS * SAMPLES_PER_MS))
        said.push(textOf(said.length))
      }
      return samples
    },
  }
}

/** Hears exactly what is no silence. */
export function exactDetector(): VoiceDetector {
  return { frameSamples: FRAME, isSpeech: (frame) => (frame[0] as number) > FADE_LEVEL / 2 }
}

/** What a model would hear that makes no mistake; of a word that is torn it hears the letters that are there. */
export function hearExactly(samples: Float32Array): Decoded {
  const tokens: Decoded['tokens'][number][] = []
  for (let ms = 0; ms * SAMPLES_PER_MS < samples.length;) {
    const id = wordAt(samples, ms)
    const startMs = ms++
    while (ms * SAMPLES_PER_MS < samples.length && wordAt(samples, ms) === id) ms++
    if (id === undefined) continue
    const letters = Math.round((textOf(id).length * (ms - startMs)) / WORD_MS)
    const heard = startMs === 0 ? textOf(id).slice(-letters) : textOf(id).slice(0, letters)
    if (letters === 0) continue
    tokens.push({ text: ` ${heard}`, p: 0.9, logp: -0.1, parts: 1, startMs, endMs: ms })
  }
  return { tokens, language: 'en' }
}

function textOf(id: number): string {
  return TEXTS[id % TEXTS.length] as string
}

function wordAt(samples: Float32Array, ms: number): number | undefined {
  const level = samples[ms * SAMPLES_PER_MS] as number
  if (level < (FIRST_LEVEL + FADE_LEVEL) / 2) return undefined
  return Math.round((level - FIRST_LEVEL) / LEVEL_STEP)
}
