import type { SpeechEvent, Transcript, Word } from '../speech-event.ts'
import type { DeepgramMessage, DeepgramResults } from './deepgram-messages.ts'

/** A result may reach past the audio that was sent by no more than this; beyond, it is nonsense. */
const END_TOLERANCE_MS = 1000

/** Where Deepgram's clock, which starts at 0 with each connection, stands on the capture clock. */
export interface StreamClock {
  /** Capture-clock position of the first sample that was written, whole ms. */
  readonly startMs: number
  /** Audio that was sent ahead of it and is not the caller's, ms. */
  readonly leadInMs: number
  /** Audio of the caller's that has been sent so far, ms. */
  readonly sentMs: number
}

/**
 * Turns Deepgram's messages into speech events on the capture clock, and holds them to what
 * `SpeechEvent` promises: finals in order and without overlap, each once.
 *
 * Deepgram also sends finals without words, every few seconds of silence. They are told, too: that
 * somebody listens and heard no word is what tells noise from a stream that is dead.
 */
export class ResultReader {
  /** Capture-clock position, ms, up to which Deepgram's words are final. Never decreases. */
  #horizonMs: number

  constructor(startMs: number) {
    this.#horizonMs = startMs
  }

  get horizonMs(): number {
    return this.#horizonMs
  }

  /** The event that a message stands for, if any. `malformed` where its times cannot be true. */
  read(message: DeepgramMessage, clock: StreamClock): SpeechEvent | 'malformed' | undefined {
    switch (message.type) {
      case 'Results':
        return this.#readResults(message, clock)
      case 'SpeechStarted': {
        const atMs = toCaptureMs(message.timestamp, clock)
        return isBeyondAudio(atMs, clock) ? 'malformed' : { type: 'speech-started', atMs }
      }
      case 'UtteranceEnd': {
        if (message.last_word_end < 0) return undefined
        const lastWordEndMs = toCaptureMs(message.last_word_end, clock)
        if (isBeyondAudio(lastWordEndMs, clock)) return 'malformed'
        return { type: 'utterance-end', lastWordEndMs }
      }
      case 'Metadata':
        return undefined
    }
  }

  #readResults(
    results: DeepgramResults,
    clock: StreamClock,
  ): SpeechEvent | 'malformed' | undefined {
    const said = toCaptureMs(results.start + results.duration, clock)
    if (isBeyondAudio(said, clock)) return 'malformed'
    const endMs = Math.min(said, writtenEndMs(clock))
    if (endMs <= this.#horizonMs) return undefined
    const fromMs = Math.min(endMs, Math.max(this.#horizonMs, toCaptureMs(results.start, clock)))
    const transcript = toTranscript(results, clock, fromMs, endMs)
    if (!results.is_final) {
      return transcript.text === '' ? undefined : { type: 'interim', ...transcript }
    }
    this.#horizonMs = endMs
    return { type: 'final', ...transcript, speechFinal: results.speech_final }
  }
}

function toCaptureMs(seconds: number, clock: StreamClock): number {
  return clock.startMs + Math.max(0, Math.round(seconds * 1000) - clock.leadInMs)
}

function writtenEndMs({ startMs, sentMs }: StreamClock): number {
  return startMs + sentMs
}

function isBeyondAudio(captureMs: number, clock: StreamClock): boolean {
  return captureMs > writtenEndMs(clock) + END_TOLERANCE_MS
}

function toTranscript(
  results: DeepgramResults,
  clock: StreamClock,
  startMs: number,
  endMs: number,
): Transcript {
  const [best] = results.channel.alternatives
  let atMs = startMs
  const words = best.words.map((word): Word => {
    // Rounding, and a result that was cut at the horizon, must not push a word out of its result
    // or over its neighbour.
    const wordStartMs = Math.min(endMs, Math.max(atMs, toCaptureMs(word.start, clock)))
    const wordEndMs = Math.min(endMs, Math.max(wordStartMs, toCaptureMs(word.end, clock)))
    atMs = wordStartMs
    return {
      text: word.punctuated_word ?? word.word,
      startMs: wordStartMs,
      endMs: wordEndMs,
      confidence: word.confidence,
    }
  })
  return { text: best.transcript.trim(), confidence: best.confidence, words, startMs, endMs }
}
