import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpeechError } from './speech-error.ts'
import type { FinalEvent, InterimEvent, SpeechEvent } from './speech-event.ts'
import { emptyTranscript, FINALS_KEPT, reduceTranscript } from './transcript.ts'

function interim(text: string, startMs: number, endMs: number): InterimEvent {
  return { type: 'interim', text, confidence: 1, words: [], startMs, endMs }
}

function final(text: string, startMs: number, endMs: number): FinalEvent {
  return { ...interim(text, startMs, endMs), type: 'final', speechFinal: false }
}

const anyTime = fc.nat(10_000)
const anyText = fc.constantFrom('', 'one', 'two three')
const anyEvent: fc.Arbitrary<SpeechEvent> = fc.oneof(
  fc.tuple(anyText, anyTime, anyTime).map((args) => interim(...args)),
  fc.tuple(anyText, anyTime, anyTime).map((args) => final(...args)),
  anyTime.map((atMs) => ({ type: 'speech-started' as const, atMs })),
  anyTime.map((lastWordEndMs) => ({ type: 'utterance-end' as const, lastWordEndMs })),
  anyTime.map((audioMs) => ({ type: 'usage' as const, audioMs })),
  fc.constant({ type: 'error' as const, error: new SpeechError('internal', 'x') }),
)
const anyEvents = fc.array(anyEvent, { maxLength: 30 })

describe('reduceTranscript', { timeout: 60_000 }, () => {
  it('replaces an interim by the next one, and by the final of the same words', () => {
    const guess = reduceTranscript(emptyTranscript, interim('I scream', 0, 500))
    const better = reduceTranscript(guess, interim('ice cream', 0, 800))
    expect(better).toMatchObject({ finals: [], interim: { text: 'ice cream' }, horizonMs: 0 })
    const done = reduceTranscript(better, final('Ice cream.', 0, 900))
    expect(done).toMatchObject({ interim: undefined, horizonMs: 900 })
    expect(done.finals.map(({ text }) => text)).toEqual(['Ice cream.'])
  })

  it('takes an interim back, and moves on, at a final without words', () => {
    const guess = reduceTranscript(emptyTranscript, interim('uh', 0, 500))
    const state = reduceTranscript(guess, final('', 0, 700))
    expect(state).toEqual({ finals: [], interim: undefined, horizonMs: 700 })
  })

  it('returns the same state for what changes nothing', () => {
    const state = reduceTranscript(emptyTranscript, final('one', 0, 900))
    expect(reduceTranscript(state, final('won', 100, 900))).toBe(state)
    expect(reduceTranscript(state, interim('one', 0, 900))).toBe(state)
    expect(reduceTranscript(state, { type: 'usage', audioMs: 1000 })).toBe(state)
  })

  it('stays small however long somebody talks, and keeps what was said last', () => {
    let state = emptyTranscript
    for (let second = 0; second < 10_000; second++) {
      state = reduceTranscript(state, final(`${second}`, second * 1000, second * 1000 + 900))
    }
    expect(state.finals).toHaveLength(FINALS_KEPT)
    expect(state.finals[0]?.text).toBe(`${10_000 - FINALS_KEPT}`)
    expect(state.finals.at(-1)?.text).toBe('9999')
  })

  it('never alters or drops a final that was there', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let state = emptyTranscript
        for (const event of events) {
          const next = reduceTranscript(state, event)
          expect(next.finals.slice(0, state.finals.length)).toEqual(state.finals)
          state = next
        }
      }),
    )
  })

  it('never lets the horizon decrease, nor a final or interim stand before it', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let state = emptyTranscript
        for (const event of events) {
          const next = reduceTranscript(state, event)
          expect(next.horizonMs).toBeGreaterThanOrEqual(state.horizonMs)
          expect(next.interim?.endMs ?? Infinity).toBeGreaterThan(next.horizonMs)
          state = next
        }
        const ends = state.finals.map(({ endMs }) => endMs)
        expect(ends).toEqual([...new Set(ends)].toSorted((a, b) => a - b))
      }),
    )
  })

  it('hears repeated finals once', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const finals = events.filter((event) => event.type === 'final')
        const once = finals.reduce(reduceTranscript, emptyTranscript)
        const twice = [...finals, ...finals].reduce(reduceTranscript, emptyTranscript)
        const doubled = finals
          .flatMap((event) => [event, event])
          .reduce(reduceTranscript, emptyTranscript)
        expect(twice).toEqual(once)
        expect(doubled).toEqual(once)
      }),
    )
  })
})
