const INTERIM_EVERY_MS = 500
/** Speech without a pause is cut into finals of this length. */
const MAX_SEGMENT_MS = 3000

export interface TranscriberOptions {
  readonly bytesPerMs: number
  readonly interimResults: boolean
  readonly vadEvents: boolean
  /** Words carry `punctuated_word`, and transcripts are made of it. */
  readonly punctuate: boolean
  /** Silence that ends an utterance; undefined switches endpointing off. */
  readonly endpointingMs: number | undefined
  readonly utteranceEndMs: number | undefined
}

export interface FakeTranscriber {
  /** Messages that this audio calls forth. */
  push(audio: Uint8Array): object[]
  /** The final of everything heard so far, if there is anything without one. */
  finalize(fromFinalize: boolean): object[]
}

/** Positions are bytes of the stream: they are exact. */
export interface WordAt {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly confidence: number
}

/** Writes Deepgram's messages about words that somebody else hears. */
export interface FakeScribe {
  /** Messages for the beginning of speech, where it was silent before. */
  beginSpeech(start: number): object[]
  addWord(word: WordAt): void
  /**
   * Messages that are due when everything before `at` has been heard.
   * @param isInWord true: a word is under way, and no final may come that would cut it
   */
  advance(at: number, isInWord?: boolean): object[]
  finalize(at: number, fromFinalize: boolean): object[]
}

interface FakeWord {
  readonly word: string
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly punctuated_word?: string
}

export function createFakeScribe(options: TranscriberOptions): FakeScribe {
  const { bytesPerMs } = options
  let segmentStart = 0
  let lastWordEnd = 0
  let lastInterimAt = 0
  let inSpeech = false
  let hasBegun = false
  let utteranceEndDue = false
  let words: FakeWord[] = []

  const toSeconds = (bytes: number) => bytes / bytesPerMs / 1000

  function results(
    at: number,
    isFinal: boolean,
    speechFinal: boolean,
    fromFinalize: boolean,
  ): object {
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
      if (speechFinal) {
        inSpeech = false
        hasBegun = false
      }
    }
    return message
  }

  return {
    beginSpeech(start) {
      if (hasBegun) return []
      hasBegun = true
      if (!options.vadEvents) return []
      return [{ type: 'SpeechStarted', channel: [0], timestamp: toSeconds(start) }]
    },
    addWord({ text, start, end, confidence }) {
      words.push({
        word: text,
        start: toSeconds(start),
        end: toSeconds(end),
        confidence,
        ...(options.punctuate ? { punctuated_word: inSpeech ? text : capitalised(text) } : {}),
      })
      inSpeech = true
      utteranceEndDue = true
      lastWordEnd = end
    },
    advance(at, isInWord = false) {
      const said: object[] = []
      const silenceMs = isInWord ? 0 : (at - lastWordEnd) / bytesPerMs
      const segmentMs = (at - segmentStart) / bytesPerMs
      const interimMs = (at - Math.max(lastInterimAt, segmentStart)) / bytesPerMs
      const isPause = inSpeech && silenceMs > 0 && silenceMs >= (options.endpointingMs ?? Infinity)
      if (isPause) said.push(results(at, true, true, false))
      else if (segmentMs >= MAX_SEGMENT_MS && !isInWord) said.push(results(at, true, false, false))
      else if (options.interimResults && interimMs >= INTERIM_EVERY_MS) {
        lastInterimAt = at
        said.push(results(at, false, false, false))
      }
      if (utteranceEndDue && silenceMs >= (options.utteranceEndMs ?? Infinity)) {
        utteranceEndDue = false
        said.push({ type: 'UtteranceEnd', channel: [0, 1], last_word_end: toSeconds(lastWordEnd) })
      }
      return said
    },
    finalize: (at, fromFinalize) =>
      words.length > 0 ? [results(at, true, true, fromFinalize)] : [],
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
