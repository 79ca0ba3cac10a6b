import { expect, test } from 'vitest'
import { scoreStream } from './score-stream.ts'
import type { ReferenceSpans } from './reference-spans.ts'
import { speakClip } from './spoken-reference.ts'
import type { SpokenClip } from './spoken-reference.ts'
import { final, interim } from './testing/said.ts'

/** A clip at `startMs` whose words are said at these times, ms from its beginning. */
function clipAt(
  startMs: number,
  reference: string,
  times: readonly (readonly [number, number])[],
  { isIndependent = true, unwritten = [] }: Partial<ReferenceSpans> = {},
): SpokenClip {
  const durationMs = Math.max(...times.map(([, endMs]) => endMs)) + 200
  const clip = {
    file: `${startMs}.wav`,
    category: 'speech',
    isNoisy: false,
    reference,
    pcm: new Uint8Array(0),
    durationMs,
  }
  const spans = times.map(([start, end]) => ({ startMs: start, endMs: end }))
  return speakClip(
    { clip, startMs, endMs: startMs + durationMs },
    { spans, isIndependent, unwritten },
  )
}

const ONE_TWO = clipAt(1000, 'one two', [
  [0, 300],
  [300, 600],
])

test('measures text, commitment and final from where the words are said', () => {
  const score = scoreStream(
    [ONE_TWO],
    [
      interim('one', 1000, 1700),
      interim('one two', 1000, 2000, { committedWords: 1 }),
      final('one two', 1000, 2500),
    ],
  )
  expect(score.firstTextMs).toEqual([1700 - 1300])
  expect(score.committedMs).toEqual([2000 - 1300, 2500 - 1600])
  expect(score.finalMs).toEqual([2500 - 1600])
  expect(score.startErrorsMs).toEqual([0, 0])
  expect(score.unheard).toBe(0)
})

test('words go to the clip that they are nearest to', () => {
  const second = clipAt(4000, 'three', [[0, 300]])
  const { clips } = scoreStream(
    [ONE_TWO, second],
    [final('one two', 1050, 2500), final('free', 4100, 5000)],
  )
  expect(clips.map(({ heard, errors, words }) => [heard, errors, words])).toEqual([
    ['one two', 0, 2],
    ['free', 1, 1],
  ])
})

test('a pause within a clip makes two utterances, each with its own latencies', () => {
  const clip = clipAt(0, 'one two', [
    [0, 300],
    [2000, 2300],
  ])
  const score = scoreStream([clip], [final('one', 0, 1000), final('two', 2000, 3500)])
  expect(score.utterances).toBe(2)
  expect(score.firstTextMs).toEqual([700, 1200])
  expect(score.finalMs).toEqual([700, 1200])
})

test('an utterance without a word is told, and has no latency', () => {
  const score = scoreStream([ONE_TWO], [])
  expect(score.unheard).toBe(1)
  expect(score.clips[0]).toMatchObject({ errors: 2, words: 2 })
  expect([...score.firstTextMs, ...score.finalMs, ...score.committedMs]).toEqual([])
})

test('there is no pause where something is said that the reference leaves out', () => {
  const times = [
    [0, 300],
    [1300, 1500],
  ] as const
  const unwritten = [{ startMs: 350, endMs: 900 }]
  const utterances = (clip: SpokenClip) => clip.utterances.map(({ endMs }) => endMs)
  expect(utterances(clipAt(1000, 'one two', times))).toEqual([1300, 2500])
  expect(utterances(clipAt(1000, 'one two', times, { unwritten }))).toEqual([2500])
})

test('a word that nobody hears right has neither a time nor a commitment, but a confidence', () => {
  const score = scoreStream([ONE_TWO], [final('one too', 1000, 2500)])
  expect(score.committedMs).toHaveLength(1)
  expect(score.startErrorsMs).toHaveLength(1)
  expect([score.rightConfidences.length, score.wrongConfidences.length]).toEqual([1, 1])
})

test('times by Whisper itself are no yardstick for word times', () => {
  const clip = clipAt(0, 'one', [[0, 300]], { isIndependent: false })
  const score = scoreStream([clip], [final('one', 0, 800)])
  expect(score.committedMs).toEqual([500])
  expect([...score.startErrorsMs, ...score.endErrorsMs]).toEqual([])
})
