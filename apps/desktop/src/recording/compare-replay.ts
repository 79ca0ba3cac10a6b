import type { FinalEvent, SpeechEvent } from '@saywire/speech'
import { createCaptionDigest } from './caption-digest.ts'
import type { RecordedEntry } from './recording-format.ts'

/** What a replay and its recording disagree about first. */
export type Difference =
  /** A caption, as one line; undefined on the side that has none. */
  | {
      readonly about: 'caption'
      /** From 1. */
      readonly number: number
      readonly recorded: string | undefined
      readonly replayed: string | undefined
    }
  /** Interims before this caption, or the times of its words. */
  | { readonly about: 'interims'; readonly number: number }
  | {
      readonly about: 'outcome'
      readonly recorded: string
      /** Undefined where the replayed session goes on. */
      readonly replayed: string | undefined
    }

export interface Comparison {
  onEvent(event: SpeechEvent): void
  /** Returns whether the entry tells what the session did, rather than what reached it. */
  take(entry: RecordedEntry): boolean
  /**
   * To be called when everything has followed from what reached the session so far.
   * @param outcome undefined while it goes on
   */
  compare(outcome: string | undefined): void
  read(): {
    readonly captions: readonly FinalEvent[]
    /** As it was at each caption, and at last at the end. */
    readonly digests: readonly string[]
    readonly difference: Difference | undefined
  }
}

type Said = Extract<RecordedEntry, { type: 'said' }>
type End = Extract<RecordedEntry, { type: 'end' }>

/** Holds the captions of a replay against those that were recorded, as they come. */
export function createComparison(): Comparison {
  const captions: FinalEvent[] = []
  /** As they were at each caption. */
  const digests: string[] = []
  const digest = createCaptionDigest()
  const expected: (Said | End)[] = []
  let compared = 0
  let difference: Difference | undefined

  function checkCaption(said: Said): Difference | undefined {
    const caption = captions[compared]
    const number = (compared += 1)
    const recorded = captionLine(said)
    const replayed = caption && captionLine(caption)
    if (recorded !== replayed) return { about: 'caption', number, recorded, replayed }
    return said.digest === digests[number - 1] ? undefined : { about: 'interims', number }
  }

  function checkEnd(end: End, outcome: string | undefined): Difference | undefined {
    const [extra, number] = [captions[compared], compared + 1]
    if (extra) {
      return { about: 'caption', number, recorded: undefined, replayed: captionLine(extra) }
    }
    if (end.digest !== digest.read()) return { about: 'interims', number }
    if (end.outcome === outcome) return undefined
    return { about: 'outcome', recorded: end.outcome, replayed: outcome }
  }

  return {
    read: () => ({
      captions: [...captions],
      digests: [...digests, digest.read()],
      difference,
    }),
    onEvent(event) {
      digest.add(event)
      if (event.type !== 'final') return
      captions.push(event)
      digests.push(digest.read())
    },
    take(entry) {
      if (!isOutput(entry)) return false
      if (entry.type === 'said' || entry.type === 'end') expected.push(entry)
      return true
    },
    compare(outcome) {
      for (const entry of expected.splice(0)) {
        difference ??= entry.type === 'said' ? checkCaption(entry) : checkEnd(entry, outcome)
      }
    },
  }
}

const OUTPUTS = new Set<RecordedEntry['type']>([
  'said',
  'end',
  'open',
  'shown',
  'speech',
  'timer-cancelled',
  'cut',
])

/** Whether the entry tells what the session did, rather than what reached it. */
function isOutput({ type }: RecordedEntry): boolean {
  return OUTPUTS.has(type)
}

function captionLine({ startMs, endMs, text }: Pick<FinalEvent, 'startMs' | 'endMs' | 'text'>) {
  return `${startMs}–${endMs} ms: ${text}`
}
