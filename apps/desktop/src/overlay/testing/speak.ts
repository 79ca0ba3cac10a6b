import type { FinalEvent, InterimEvent, SpeechEvent } from '@saywire/speech'
import { emptyTranscript, reduceTranscript } from '@saywire/speech'
import type { CaptionSink } from '../../core/ports.ts'

/** A guess that ends at `endMs` on the capture clock. */
export function interim(text: string, endMs: number): InterimEvent {
  return { type: 'interim', text, confidence: 1, words: [], startMs: endMs - 500, endMs }
}

/** The same, of which so many words are committed; each takes as long as any other. */
export function committed(text: string, endMs: number, committedWords: number): InterimEvent {
  const guess = interim(text, endMs)
  const texts = text.split(' ')
  const wordMs = (endMs - guess.startMs) / texts.length
  const words = texts.map((word, at) => {
    const startMs = guess.startMs + at * wordMs
    return { text: word, startMs, endMs: startMs + wordMs, confidence: 1 }
  })
  return { ...guess, words, committedWords }
}

/** Final words that end at `endMs` on the capture clock. */
export function final(text: string, endMs: number): FinalEvent {
  return { ...interim(text, endMs), type: 'final', speechFinal: true }
}

/** A caption session, as far as its sink can tell: each event with the transcript after it. */
export function speakerTo(sink: CaptionSink): (...events: SpeechEvent[]) => void {
  let transcript = emptyTranscript
  return (...events) => {
    for (const event of events) {
      transcript = reduceTranscript(transcript, event)
      sink.onEvent(event, transcript)
    }
  }
}
