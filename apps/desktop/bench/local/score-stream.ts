import type { Word } from '@saywire/speech'
import type { WordErrors } from '@saywire/speech/testing'
import { wordErrors } from '@saywire/speech/testing'
import { alignWords } from './align-words.ts'
import type { HeardSpeech, HeardWord, TimedEvent } from './heard-words.ts'
import { followWords } from './heard-words.ts'
import type { SpokenClip, Utterance } from './spoken-reference.ts'

export interface ClipScore extends WordErrors {
  readonly clip: SpokenClip
  readonly heard: string
}

/** Each list has one entry for each that was found; times are ms. */
export interface StreamScore {
  readonly clips: readonly ClipScore[]
  readonly speech: HeardSpeech
  /** From the end of an utterance's first word until something of it is on screen. */
  readonly firstTextMs: readonly number[]
  /** From the end of a word until it is settled. */
  readonly committedMs: readonly number[]
  /** From the end of an utterance's last word until its last final. */
  readonly finalMs: readonly number[]
  readonly utterances: number
  /** Of those, such as never had a word, or never a final that ended them. */
  readonly unheard: number
  readonly startErrorsMs: readonly number[]
  readonly endErrorsMs: readonly number[]
  /** Confidence of the words that were heard. */
  readonly rightConfidences: readonly number[]
  readonly wrongConfidences: readonly number[]
}

/** By so much a word's time may be wrong and the word still belong to its utterance, ms. */
const SLACK_MS = 300

/** Holds what an engine said against what was said. `clips` are in the stream's order. */
export function scoreStream(
  clips: readonly SpokenClip[],
  events: readonly TimedEvent[],
): StreamScore {
  const speech = followWords(events)
  const byClip = new Map<SpokenClip, HeardWord[]>(clips.map((clip) => [clip, []]))
  for (const word of speech.words) byClip.get(nearest(clips, word))?.push(word)
  const scores: ClipScore[] = []
  const committedMs: number[] = []
  const startErrorsMs: number[] = []
  const endErrorsMs: number[] = []
  const rightConfidences: number[] = []
  const wrongConfidences: number[] = []
  for (const clip of clips) {
    const heard = byClip.get(clip) ?? []
    const text = heard.map((word) => word.text).join(' ')
    scores.push({ clip, heard: text, ...wordErrors(clip.clip.reference, text) })
    const { pairs, isRight } = alignWords(clip.words, heard)
    for (const [i, { confidence }] of heard.entries()) {
      if (isRight[i]) rightConfidences.push(confidence)
      else wrongConfidences.push(confidence)
    }
    for (const pair of pairs) {
      const { startMs, endMs } = clip.words[pair.reference] ?? {}
      const word = heard[pair.heard]
      if (!word || startMs === undefined || endMs === undefined) continue
      if (pair.sharesEnd) committedMs.push(word.committedAtMs - endMs)
      if (!clip.isIndependent) continue
      if (pair.sharesStart) startErrorsMs.push(word.startMs - startMs)
      if (pair.sharesEnd) endErrorsMs.push(word.endMs - endMs)
    }
  }
  const utterances = clips.flatMap((clip) => clip.utterances)
  const firstTextMs = utterances.flatMap((each) => firstTextAfter(each, events))
  const finalMs = utterances.flatMap((each) => finalAfter(each, speech.words))
  return {
    clips: scores,
    speech,
    firstTextMs,
    committedMs,
    finalMs,
    utterances: utterances.length,
    unheard: utterances.length - Math.min(firstTextMs.length, finalMs.length),
    startErrorsMs,
    endErrorsMs,
    rightConfidences,
    wrongConfidences,
  }
}

function middleOf({ startMs, endMs }: Pick<Word, 'startMs' | 'endMs'>): number {
  return (startMs + endMs) / 2
}

/** @throws Error where there is no clip */
function nearest(clips: readonly SpokenClip[], word: HeardWord): SpokenClip {
  const middleMs = middleOf(word)
  const distance = ({ startMs, endMs }: SpokenClip) =>
    Math.max(startMs - middleMs, middleMs - endMs, 0)
  return clips.reduce((best, clip) => (distance(clip) < distance(best) ? clip : best))
}

function isIn({ startMs, endMs }: Utterance, word: Word): boolean {
  const middleMs = middleOf(word)
  return middleMs >= startMs - SLACK_MS && middleMs <= endMs + SLACK_MS
}

/** One latency, or none where nothing of the utterance was ever shown. */
function firstTextAfter(utterance: Utterance, events: readonly TimedEvent[]): number[] {
  const first = events.find(({ event, atMs }) => {
    if (event.type !== 'interim' && event.type !== 'final') return false
    return atMs >= utterance.startMs && event.words.some((word) => isIn(utterance, word))
  })
  return first ? [first.atMs - utterance.firstWordEndMs] : []
}

function finalAfter(utterance: Utterance, words: readonly HeardWord[]): number[] {
  const endedAtMs = words.findLast((word) => isIn(utterance, word))?.endedAtMs
  return endedAtMs === undefined ? [] : [endedAtMs - utterance.endMs]
}
