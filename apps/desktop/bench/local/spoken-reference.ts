import type { PlacedClip } from './clip-stream.ts'
import type { ReferenceSpans } from './reference-spans.ts'
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

/** @param reference when each word of the clip is said, where that is known */
export function speakClip(placed: PlacedClip, reference?: ReferenceSpans): SpokenClip {
  const { spans = [], isIndependent = false } = reference ?? {}
  const words = writtenWords(placed.clip.reference).map((text, i) => {
    const span = spans[i]
    return {
      text,
      startMs: span && placed.startMs + span.startMs,
      endMs: span && placed.startMs + span.endMs,
    }
  })
  const unwritten = (reference?.unwritten ?? []).map(({ startMs, endMs }) => {
    return { startMs: placed.startMs + startMs, endMs: placed.startMs + endMs }
  })
  return { ...placed, words, utterances: utterancesOf(words, unwritten), isIndependent }
}

function utterancesOf(words: readonly SpokenWord[], unwritten: readonly Span[]): Utterance[] {
  const utterances: Utterance[] = []
  for (const { startMs, endMs } of words) {
    if (startMs === undefined || endMs === undefined) continue
    const last = utterances.at(-1)
    const between = unwritten.find((each) => {
      return last && each.startMs - last.endMs < PAUSE_MS && each.startMs < startMs
    })
    const spokenUntilMs = Math.max(last?.endMs ?? 0, between?.endMs ?? 0)
    if (last && startMs - spokenUntilMs < PAUSE_MS)
      utterances[utterances.length - 1] = { ...last, endMs }
    else utterances.push({ startMs, endMs, firstWordEndMs: endMs })
  }
  return utterances
}
