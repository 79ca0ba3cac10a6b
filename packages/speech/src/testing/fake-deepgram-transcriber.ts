import { createHash } from 'node:crypto'

/** One word per window of audio that is not digital silence. */
const WINDOW_MS = 100
const INTERIM_EVERY_MS = 500
/** Speech without a pause is cut into finals of this length. */
const MAX_SEGMENT_MS = 3000

export interface TranscriberOptions {
  readonly bytesPerMs: number
  readonly interimResults: boolean
  readonly vadEvents: boolean
  /** Words carry `punctuated_word`, and transcripts are made of it. */
  readonly punctuate: boolean
  /** Digital silence that ends an utterance; undefined switches endpointing off. */
  readonly endpointingMs: number | undefined
  readonly utteranceEndMs: number | undefined
}

interface FakeWord {
  readonly word: string
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly punctuated_word?: string
}

export interface FakeTranscriber {
  /** Messages that this audio calls forth. */
  push(audio: Uint8Array): object[]
  /** The final of everything heard so far, if there is anything without one. */
  finalize(fromFinalize: boolean): object[]
}

/**
 * Deepgram's messages for a stream of PCM, as a pure function of its bytes: a word is named after
 * the position and the content of its window, so audio that was lost, doubled, swapped or shifted
 * gives other words. How the bytes were cut into messages makes no difference.
 */
export function createFakeTranscriber(options: TranscriberOptions): FakeTranscriber {
  const { bytesPerMs } = options
  const window = new Uint8Array(WINDOW_MS * bytesPerMs)
  let filled = 0
  /** Positions in bytes: they are exact. */
  let at = 0
  let segmentStart = 0
  let lastWordEnd = 0
  let inSpeech = false
  let utteranceEndDue = false
  let words: FakeWord[] = []

  const toSeconds = (bytes: number) => bytes / bytesPerMs / 1000

  function addWord(bytes: Uint8Array, start: number): void {
    const hash = createHash('sha1').update(bytes).digest('hex').slice(0, 8)
    const name = `${Math.floor(start / bytesPerMs)}x${hash}`
    words.push({
      word: `w${name}`,
      start: toSeconds(start),
      end: toSeconds(at),
      confidence: 0.5 + Number.parseInt(hash.slice(0, 2), 16) / 512,
      ...(options.punctuate ? { punctuated_word: inSpeech ? `w${name}` : `W${name}` } : {}),
    })
    inSpeech = true
    utteranceEndDue = true
    lastWordEnd = at
  }

  function results(isFinal: boolean, speechFinal: boolean, fromFinalize: boolean): object {
    const transcript = words.map((word) => word.punctuated_word ?? word.word).join(' ')
    const message = {
      type: 'Results',
      channel_index: [0, 1],
      start: toSeconds(segmentStart),
      duration: toSeconds(at - segmentStart),
      is_final: isFinal,
      speech_final: speechFinal,
      from_finalize: fromFinalize,
      channel: { alternatives: [{ transcript, confidence: words.length > 0 ? 0.9 : 0, words }] },
      metadata: { request_id: 'fake', model_info: { name: 'fake' }, model_uuid: 'fake' },
    }
    if (isFinal) {
      words = []
      segmentStart = at
      if (speechFinal) inSpeech = false
    }
    return message
  }

  /** Hears one window; only one that finalize() cuts is shorter than `WINDOW_MS`. */
  function hear(bytes: Uint8Array): object[] {
    const said: object[] = []
    const start = at
    at += bytes.byteLength
    if (bytes.some((byte) => byte !== 0)) {
      if (options.vadEvents && !inSpeech) {
        said.push({ type: 'SpeechStarted', channel: [0], timestamp: toSeconds(start) })
      }
      addWord(bytes, start)
    }
    const silenceMs = (at - lastWordEnd) / bytesPerMs
    const segmentMs = (at - segmentStart) / bytesPerMs
    const isPause = inSpeech && silenceMs > 0 && silenceMs >= (options.endpointingMs ?? Infinity)
    if (isPause) said.push(results(true, true, false))
    else if (segmentMs >= MAX_SEGMENT_MS) said.push(results(true, false, false))
    else if (options.interimResults && segmentMs % INTERIM_EVERY_MS === 0) {
      said.push(results(false, false, false))
    }
    if (utteranceEndDue && silenceMs >= (options.utteranceEndMs ?? Infinity)) {
      utteranceEndDue = false
      said.push({ type: 'UtteranceEnd', channel: [0, 1], last_word_end: toSeconds(lastWordEnd) })
    }
    return said
  }

  return {
    push(audio) {
      const said: object[] = []
      for (let taken = 0; taken < audio.byteLength;) {
        const take = Math.min(window.byteLength - filled, audio.byteLength - taken)
        window.set(audio.subarray(taken, taken + take), filled)
        filled += take
        taken += take
        if (filled < window.byteLength) continue
        filled = 0
        said.push(...hear(window))
      }
      return said
    },
    finalize(fromFinalize) {
      const said = filled > 0 ? hear(window.subarray(0, filled)) : []
      filled = 0
      if (words.length > 0) said.push(results(true, true, fromFinalize))
      return said
    },
  }
}
