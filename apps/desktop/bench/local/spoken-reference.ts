import type { PlacedClip } from './clip-stream.ts'
import type { Span } from './word-times.ts'
import { writtenWords } from './word-times.ts'

/** A word that is said in a stream. Times are ms on its clock, undefined where nobody knows them. */
export interface SpokenWord {
  readonly text: string
  readonly startMs: number | undefined
  readonly endMs: number | undefined
}

/** What is said between two pauses. */
export interface Utterance extends Span {
  readonly firstWordEndMs: number
}

/** A clip of a stream, with what is said in it. */
export interface SpokenClip extends PlacedClip {
  readonly words: readonly SpokenWord[]
  readonly utterances: readonly Utterance[]
  /** The words' times are by an aligner of its own, and not by Whisper. */
  readonly isIndependent: boolean
}

/** Longer than the pause that ends an utterance for the engine (500 ms), with a margin for doubts. */
const PAUSE_MS = 700

/** @param spans when each word of the clip is said, ms from its beginning */
export function speakClip(
  placed: PlacedClip,
  spans: readonly (Span | undefined)[],
  isIndependent: boolean,
): SpokenClip {
  const words = writtenWords(placed.clip.reference).map((text, i) => {
    const span = spans[i]
    return {
      text,
      startMs: span && placed.startMs + span.startMs,
      endMs: span && placed.startMs + span.endMs,
    }
  })
  return { ...placed, words, utterances: utterancesOf(words), isIndependent }
}

function utterancesOf(words: readonly SpokenWord[]): Utterance[] {
  const utterances: Utterance[] = []
  for (const { startMs, endMs } of words) {
    if (startMs === undefined || endMs === undefined) continue
    const last = utterances.at(-1)
    if (last && startMs - last.endMs < PAUSE_MS)
      utterances[utterances.length - 1] = { ...last, endMs }
    else utterances.push({ startMs, endMs, firstWordEndMs: endMs })
  }
  return utterances
}
