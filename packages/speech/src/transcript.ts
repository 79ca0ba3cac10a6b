import type { FinalEvent, InterimEvent, SpeechEvent } from './speech-event.ts'

/**
 * Finals that a transcript holds on to. A stream lasts half a day; whoever wants all of it writes
 * the events down as they come.
 */
export const FINALS_KEPT = 200

/** What was said last: frozen finals, and at most one interim behind them. */
export interface TranscriptState {
  /** The newest `FINALS_KEPT`, oldest first. */
  readonly finals: readonly FinalEvent[]
  readonly interim: InterimEvent | undefined
  /** Committed horizon: ms on the capture clock up to which words are final. Never decreases. */
  readonly horizonMs: number
}

export const emptyTranscript: TranscriptState = { finals: [], interim: undefined, horizonMs: 0 }

/**
 * Pure reducer over an engine's events: an interim replaces the interim before it, a final freezes
 * the text and clears the interim. A final that ends at or before the horizon is a repetition and
 * changes nothing. Returns the same state object where nothing changed.
 */
export function reduceTranscript(state: TranscriptState, event: SpeechEvent): TranscriptState {
  switch (event.type) {
    case 'interim':
      return event.endMs <= state.horizonMs ? state : { ...state, interim: event }
    case 'final': {
      if (event.endMs <= state.horizonMs) return state
      const finals =
        event.text === '' ? state.finals : [...state.finals.slice(1 - FINALS_KEPT), event]
      return { finals, interim: undefined, horizonMs: event.endMs }
    }
    case 'utterance-end':
    case 'speech-started':
    case 'usage':
    case 'receipt':
    case 'credits-low':
    case 'reconnecting':
    case 'recovered':
    case 'error':
      return state
  }
}
