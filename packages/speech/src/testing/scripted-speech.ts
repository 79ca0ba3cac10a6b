import { BYTES_PER_MS } from '@saywire/protocol'

/** A word of a script, and where it lies. */
export interface ScriptedWord {
  /** Unlike every other word of the script: lost, doubled and swapped words show. */
  readonly text: string
  readonly startMs: number
  readonly endMs: number
}

/** Speech whose every word and time is known. */
export interface ScriptedSpeech {
  /** PCM s16le, 16 kHz, mono. Begins and ends with silence. */
  readonly pcm: Uint8Array
  readonly words: readonly ScriptedWord[]
  readonly durationMs: number
}

export interface ScriptOptions {
  /** The same seed gives the same speech. */
  readonly seed: number
  /** About how long it is: the word that is under way is said, and a pause follows. */
  readonly durationMs: number
}

const SAMPLES_PER_MS = BYTES_PER_MS / 2
/** First sample of each word: louder than any other sample. */
const MARK = 32_000
const HEAD_SAMPLES = 3
const LOUDNESS = 6000

/**
 * Words of 200 to 600 ms with short gaps, in utterances of a few words with pauses between them; one
 * utterance in four goes on for long without a pause.
 */
export function writeScript({ seed, durationMs }: ScriptOptions): ScriptedSpeech {
  const random = createRandom(seed)
  const between = (min: number, max: number) => Math.round(min + random() * (max - min))
  const words: ScriptedWord[] = []
  let atMs = between(200, 600)
  while (atMs < durationMs) {
    const isLong = random() < 0.25
    let left = isLong ? between(16, 24) : between(2, 7)
    for (; left > 0 && atMs < durationMs; left--) {
      const endMs = atMs + between(200, 600)
      words.push({ text: `w${words.length + 1}`, startMs: atMs, endMs })
      atMs = endMs + between(40, 150)
    }
    atMs += between(500, 1500)
  }
  const samples = new Int16Array(atMs * SAMPLES_PER_MS)
  for (const [index, { startMs, endMs }] of words.entries()) {
    samples.set(soundOf(index + 1, (endMs - startMs) * SAMPLES_PER_MS), startMs * SAMPLES_PER_MS)
  }
  return { pcm: new Uint8Array(samples.buffer), words, durationMs: atMs }
}

/**
 * A tone without a zero in it, so that its edges are plain, which begins with a mark, the word's
 * number and its length, so that a part of it is no word.
 */
function soundOf(number: number, length: number): Int16Array {
  const sound = new Int16Array(length)
  const step = ((110 + (number % 17) * 9) * 2 * Math.PI) / 16_000
  for (let i = HEAD_SAMPLES; i < length; i++) {
    const swell = 0.6 + 0.4 * Math.sin(i / 700)
    sound[i] = Math.round(LOUDNESS * swell * Math.sin(i * step)) || 1
  }
  sound.set([MARK, number, length])
  return sound
}

/** What was heard between two silences: a word of a script, or what is left of one. */
export interface HeardSound {
  /** `cut` for what is not a whole word. */
  readonly text: string
  /** Positions in samples of what the listener was given. */
  readonly start: number
  readonly end: number
}

export interface ScriptListener {
  /** Samples heard so far. */
  readonly at: number
  /** A sound is under way. */
  readonly isInSound: boolean
  /** @returns the sound that ended before this sample, if one did */
  hear(sample: number): HeardSound | undefined
  /** Ends the sound that is under way, if one is. */
  cut(): HeardSound | undefined
}

/** Recognises words by nothing but their sound: where in a stream they lie makes no difference. */
export function createScriptListener(): ScriptListener {
  let at = 0
  let sound: number[] = []

  function end(): HeardSound | undefined {
    if (sound.length === 0) return undefined
    const [mark, number = 0, length = 0] = sound
    const isWhole =
      mark === MARK &&
      length === sound.length &&
      soundOf(number, length).every((sample, i) => sample === sound[i])
    const heard = { text: isWhole ? `w${number}` : 'cut', start: at - sound.length, end: at }
    sound = []
    return heard
  }

  return {
    get at() {
      return at
    },
    get isInSound() {
      return sound.length > 0
    },
    hear(sample) {
      const heard = sample === 0 ? end() : undefined
      if (sample !== 0) sound.push(sample)
      at += 1
      return heard
    },
    cut: end,
  }
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
