import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SpeechEvent } from '../speech-event.ts'
import { parseDeepgramMessage } from './deepgram-messages.ts'
import type { StreamClock } from './deepgram-results.ts'
import { ResultReader } from './deepgram-results.ts'

const CLOCK: StreamClock = { startMs: 5000, leadInMs: 0, sentMs: 60_000 }

interface ResultSketch {
  readonly start: number
  readonly duration: number
  readonly text?: string
  readonly isFinal?: boolean
  readonly speechFinal?: boolean
}

function results({
  start,
  duration,
  text = '',
  isFinal = true,
  speechFinal = false,
}: ResultSketch) {
  const spoken = text === '' ? [] : text.split(' ')
  const words = spoken.map((word, i) => ({
    word: word.toLowerCase().replace(/\W/g, ''),
    punctuated_word: word,
    start: start + (i * duration) / spoken.length,
    end: start + ((i + 1) * duration) / spoken.length,
    confidence: 0.75,
  }))
  return {
    type: 'Results',
    channel_index: [0, 1],
    start,
    duration,
    is_final: isFinal,
    speech_final: speechFinal,
    channel: { alternatives: [{ transcript: text, confidence: 0.8, words }] },
  }
}

/** Reads messages one after the other; what makes no sense reads as 'malformed'. */
function read(messages: readonly unknown[], clock = CLOCK) {
  const reader = new ResultReader(clock.startMs)
  const events: (SpeechEvent | 'malformed')[] = []
  for (const data of messages) {
    const message = parseDeepgramMessage(JSON.stringify(data))
    if (message === 'unknown') continue
    const event = message === 'malformed' ? message : reader.read(message, clock)
    if (event) events.push(event)
  }
  return { events, horizonMs: reader.horizonMs }
}

describe('ResultReader', () => {
  it('puts a result on the capture clock, in whole ms, with words as they are written', () => {
    const { events } = read([results({ start: 1.2344, duration: 1, text: 'Hello, world.' })])
    expect(events).toEqual([
      {
        type: 'final',
        text: 'Hello, world.',
        confidence: 0.8,
        startMs: 6234,
        endMs: 7234,
        speechFinal: false,
        words: [
          { text: 'Hello,', startMs: 6234, endMs: 6734, confidence: 0.75 },
          { text: 'world.', startMs: 6734, endMs: 7234, confidence: 0.75 },
        ],
      },
    ])
  })

  it('takes words as they were heard where Deepgram does not punctuate', () => {
    const message = results({ start: 0, duration: 1, text: 'Hi!' })
    delete (message.channel.alternatives[0]!.words[0] as { punctuated_word?: string })
      .punctuated_word
    expect(read([message]).events).toMatchObject([{ words: [{ text: 'hi' }] }])
  })

  it('takes the silence that held the connection out of all times', () => {
    const { events } = read(
      [
        { type: 'SpeechStarted', timestamp: 0.1 },
        results({ start: 0, duration: 1.1, text: 'one' }),
        { type: 'UtteranceEnd', last_word_end: 1.1 },
      ],
      { ...CLOCK, leadInMs: 100 },
    )
    expect(events).toMatchObject([
      { type: 'speech-started', atMs: 5000 },
      { type: 'final', startMs: 5000, endMs: 6000 },
      { type: 'utterance-end', lastWordEndMs: 6000 },
    ])
  })

  it('drops a final that was said before, and an interim behind a final', () => {
    const final = results({ start: 0, duration: 2, text: 'one two' })
    const late = results({ start: 0, duration: 1.5, text: 'one', isFinal: false })
    expect(read([final, final, late]).events).toHaveLength(1)
  })

  it('cuts a final that reaches back over the one before it', () => {
    const { events } = read([
      results({ start: 0, duration: 2, text: 'one two' }),
      results({ start: 1, duration: 2, text: 'two three' }),
    ])
    expect(events).toMatchObject([{ endMs: 7000 }, { startMs: 7000, endMs: 8000 }])
  })

  it('tells of audio without words, too: somebody listens', () => {
    const silence = results({ start: 0, duration: 3, speechFinal: true })
    const words = results({ start: 3, duration: 1, text: 'one' })
    const pause = results({ start: 4, duration: 1, speechFinal: true })
    const guess = results({ start: 5, duration: 1, text: 'uh', isFinal: false })
    const nothing = results({ start: 5, duration: 1 })
    const more = results({ start: 6, duration: 3, speechFinal: true })
    const { events, horizonMs } = read([silence, words, pause, guess, nothing, more])
    expect(events).toMatchObject([
      { type: 'final', text: '', endMs: CLOCK.startMs + 3000 },
      { type: 'final', text: 'one', speechFinal: false },
      { type: 'final', text: '', speechFinal: true },
      { type: 'interim', text: 'uh' },
      { type: 'final', text: '', speechFinal: false },
      { type: 'final', text: '', speechFinal: true, endMs: CLOCK.startMs + 9000 },
    ])
    expect(horizonMs).toBe(CLOCK.startMs + 9000)
  })

  it('ignores an end of utterance without a word', () => {
    expect(read([{ type: 'UtteranceEnd', last_word_end: -1 }]).events).toEqual([])
  })

  it.each([
    ['a result', results({ start: 0, duration: 1e9, text: 'one' })],
    ['speech', { type: 'SpeechStarted', timestamp: 1e300 }],
    ['an end of utterance', { type: 'UtteranceEnd', last_word_end: 62 }],
  ])('calls %s beyond the audio malformed, and keeps its horizon', (_what, message) => {
    expect(read([message])).toEqual({ events: ['malformed'], horizonMs: CLOCK.startMs })
  })

  it.each([
    ['null', null],
    ['a number', 7],
    ['text that was not JSON', '{"type":"Results"'],
    ['an object without a type', {}],
    ['a result without a channel', { ...results({ start: 0, duration: 1 }), channel: null }],
    [
      'a result without alternatives',
      { ...results({ start: 0, duration: 1 }), channel: { alternatives: [] } },
    ],
    ['a time that is text', { ...results({ start: 0, duration: 1 }), start: '0' }],
    ['a time before the beginning', results({ start: -1, duration: 1 })],
    ['is_final that is text', { ...results({ start: 0, duration: 1 }), is_final: 'yes' }],
  ])('calls %s malformed', (_what, message) => {
    expect(read([message]).events).toEqual(['malformed'])
  })

  it('lets messages pass that it does not know', () => {
    expect(read([{ type: 'SomethingNew', payload: { a: 1 } }]).events).toEqual([])
  })

  it(
    'gives ordered, bounded finals and no exception for whatever comes',
    { timeout: 60_000 },
    () => {
      const wild = fc.oneof(
        fc.anything(),
        fc.record(
          {
            type: fc.constantFrom('Results', 'SpeechStarted', 'UtteranceEnd', 'Metadata', 'Error'),
            start: fc.oneof(fc.double(), fc.anything()),
            duration: fc.double(),
            timestamp: fc.oneof(fc.double(), fc.anything()),
            last_word_end: fc.double(),
            is_final: fc.oneof(fc.boolean(), fc.anything()),
            channel: fc.anything(),
          },
          { requiredKeys: ['type'] },
        ),
        fc
          .record({
            start: fc.double({ min: 0, max: 70, noNaN: true }),
            duration: fc.double({ min: 0, max: 10, noNaN: true }),
            text: fc.constantFrom('', 'one', 'one two three'),
            isFinal: fc.boolean(),
            speechFinal: fc.boolean(),
          })
          .map(results),
      )
      fc.assert(
        fc.property(fc.array(wild, { maxLength: 40 }), (messages) => {
          const { events, horizonMs } = read(messages)
          let atMs = CLOCK.startMs
          for (const event of events) {
            if (event === 'malformed' || (event.type !== 'final' && event.type !== 'interim'))
              continue
            expect(event.startMs).toBeGreaterThanOrEqual(atMs)
            expect(event.endMs).toBeGreaterThan(atMs)
            expect(event.endMs).toBeLessThanOrEqual(CLOCK.startMs + CLOCK.sentMs)
            for (const word of event.words) {
              expect(word.startMs).toBeGreaterThanOrEqual(event.startMs)
              expect(word.endMs).toBeLessThanOrEqual(event.endMs)
            }
            if (event.type === 'final') atMs = event.endMs
          }
          expect(horizonMs).toBeGreaterThanOrEqual(atMs)
        }),
        { numRuns: 1000 },
      )
    },
  )
})
