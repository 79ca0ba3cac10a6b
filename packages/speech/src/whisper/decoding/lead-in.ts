import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { Word } from '../../speech-event.ts'
import { knownWordsEnd, lettersOf } from './known-words-end.ts'
import type { SpeechSegment } from './segmenter.ts'
import { BEFORE_WORD_MS } from './stretch.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000
/** Longer speech, ms, is clear by itself. */
const SHORT_MS = 2500
/** So much of what was said before it is heard with it, ms, … */
const REACHES_BACK_MS = 1500
/** … unless that was longer ago than this, ms. */
const LONGEST_GAP_MS = 1500

/** Speech that is over, and what it was heard as. */
export interface HeardSegment {
  readonly segment: SpeechSegment
  readonly words: readonly Word[]
}

/** The end of the speech before a segment. */
export interface LeadIn {
  readonly samples: Float32Array
  readonly words: readonly Word[]
  /** Where the segment begins: none of its own words does before, ms. */
  readonly untilMs: number
}

/**
 * What a short segment is heard with where it is unclear alone: of two words between two pauses ("ask not")
 * Whisper makes letters or nothing, and after the words before them ("my fellow Americans") it has them right.
 * The pause between is left out.
 * @param toMs the time of a sample
 */
export function leadInTo(
  segment: SpeechSegment,
  before: HeardSegment | undefined,
  toMs: (sample: number) => number,
): LeadIn | undefined {
  if (!before || segment.samples.length > SHORT_MS * SAMPLES_PER_MS) return undefined
  const { startSample, endSample, samples } = before.segment
  if (segment.startSample - endSample > LONGEST_GAP_MS * SAMPLES_PER_MS) return undefined
  const fromMs = toMs(endSample) - REACHES_BACK_MS
  const words = before.words.filter(({ startMs }) => startMs >= fromMs)
  const [first] = words
  if (!first) return undefined
  const at = Math.max(0, first.startMs - BEFORE_WORD_MS - toMs(startSample))
  const untilMs = toMs(segment.startSample)
  return { samples: samples.subarray(at * SAMPLES_PER_MS), words, untilMs }
}

/** What was heard behind the words of the lead-in; undefined where it does not hold them. */
export function withoutLeadIn(
  heard: readonly Word[],
  { words, untilMs }: LeadIn,
): readonly Word[] | undefined {
  const end = knownWordsEnd(lettersOf(words), lettersOf(heard), true)
  // It begins with some of them, or it is about something else.
  if (!end) return undefined
  const notBefore = (ms: number) => Math.max(ms, untilMs)
  return heard.slice(end).map(({ text, startMs, endMs, confidence }) => {
    return { text, startMs: notBefore(startMs), endMs: notBefore(endMs), confidence }
  })
}
