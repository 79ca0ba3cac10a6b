import { describe, expect, it } from 'vitest'
import type { Word } from '../../speech-event.ts'
import { leadInTo, withoutLeadIn } from './lead-in.ts'
import type { LeadIn } from './lead-in.ts'

/** Words of 400 ms each. */
function words(text: string, fromMs = 0): Word[] {
  return text.split(' ').map((word, i) => {
    const startMs = fromMs + 400 * i
    return { text: word, startMs, endMs: startMs + 300, confidence: 0.9 }
  })
}

function segment(fromMs: number, toMs: number) {
  const [startSample, endSample] = [fromMs * 16, toMs * 16]
  return { samples: new Float32Array(endSample - startSample), startSample, endSample }
}

const toMs = (sample: number) => sample / 16
const textOf = (heard: readonly Word[] | undefined) => heard?.map(({ text }) => text).join(' ')

describe('what a short segment is heard with', () => {
  const before = { segment: segment(0, 2300), words: words('And so my fellow Americans') }

  it('is the last words before it, from just before the first of them', () => {
    const { words: led, samples, untilMs } = leadInTo(segment(3000, 4400), before, toMs) as LeadIn
    expect(textOf(led)).toBe('my fellow Americans')
    expect(samples.length / 16).toBe(2300 - 800 + 90)
    expect(untilMs).toBe(3000)
  })

  it.each([
    ['it is long enough to be clear', segment(3000, 5600), before],
    ['they were said long ago', segment(3900, 4400), before],
    ['there are none', segment(3000, 4400), { ...before, words: [] }],
    [
      'the last one has no place near its end',
      segment(3000, 4400),
      { ...before, words: words('And') },
    ],
    ['nothing came before', segment(3000, 4400), undefined],
  ])('is nothing where %s', (_why, own, earlier) => {
    expect(leadInTo(own, earlier, toMs)).toBeUndefined()
  })
})

describe('what was heard behind it', () => {
  const leadIn: LeadIn = {
    samples: new Float32Array(0),
    words: words('my fellow Americans,'),
    untilMs: 1700,
  }

  it.each([
    ['my fellow Americans ask not', 'ask not'],
    ['fellow American, Ask not', 'Ask not'],
    ['my fellow Americans', ''],
    ['what a joy', undefined],
  ])('of "%s" is "%s"', (heard, expected) => {
    expect(textOf(withoutLeadIn(words(heard), leadIn))).toBe(expected)
  })

  it('is unknown where nothing was heard, since something had been said', () => {
    expect(withoutLeadIn([], leadIn)).toBeUndefined()
  })

  it('does not begin before it', () => {
    const [ask, not] = withoutLeadIn(words('my fellow Americans ask not'), leadIn) ?? []
    expect(ask).toMatchObject({ startMs: 1700, endMs: 1700 })
    expect(not).toMatchObject({ startMs: 1700, endMs: 1900 })
  })
})
