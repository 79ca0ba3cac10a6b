import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LanguageTrackerOptions } from './language-tracker.ts'
import { createLanguageTracker } from './language-tracker.ts'

type Heard = readonly [language: string, p: number | undefined, speechMs: number]

/** The languages that utterances are decoded in, one after the other. */
function follow(heard: readonly Heard[], options?: LanguageTrackerOptions): string[] {
  const tracker = createLanguageTracker(options)
  return heard.map(([language, p, speechMs]) => {
    return tracker.observe({ guesses: [{ language, p }], speechMs })
  })
}

describe('the language tracker', () => {
  it('is English, and only a guess, until something was heard', () => {
    expect(createLanguageTracker()).toMatchObject({ language: 'en', settled: false })
    expect(createLanguageTracker({ candidates: ['de', 'fr'] }).language).toBe('de')
    expect(createLanguageTracker({ candidates: ['de', 'fr'], initial: 'fr' }).language).toBe('fr')
  })

  it.each<[string, Heard[], string[]]>([
    ['settles on the first clear utterance', [['de', 0.5, 1500]], ['de']],
    [
      'goes with each unclear guess until one is clear',
      [
        ['nl', 0.3, 2000],
        ['de', 0.4, 2000],
        ['de', 0.8, 2000],
        ['nl', 0.8, 2000],
      ],
      ['nl', 'de', 'de', 'de'],
    ],
    [
      'does not settle on something short',
      [
        ['ja', 0.99, 500],
        ['de', 0.6, 1500],
      ],
      ['ja', 'de'],
    ],
    [
      'switches at once for one long and very sure utterance',
      [
        ['de', 0.9, 2000],
        ['en', 0.9, 3000],
      ],
      ['de', 'en'],
    ],
    [
      'switches for two in a row that agree',
      [
        ['de', 0.9, 2000],
        ['en', 0.6, 1000],
        ['en', 0.6, 1000],
      ],
      ['de', 'de', 'en'],
    ],
    [
      'stays where two in a row do not agree with each other',
      [
        ['de', 0.9, 2000],
        ['en', 0.8, 2000],
        ['nl', 0.8, 2000],
        ['en', 0.8, 2000],
      ],
      ['de', 'de', 'de', 'de'],
    ],
    [
      'stays where the language it has is heard between the two',
      [
        ['de', 0.9, 2000],
        ['en', 0.8, 2000],
        ['de', 0.4, 2000],
        ['en', 0.8, 2000],
      ],
      ['de', 'de', 'de', 'de'],
    ],
    [
      'stays for a long utterance that is not sure, and for a sure one that is not long',
      [
        ['de', 0.9, 2000],
        ['en', 0.89, 20_000],
        ['de', 0.9, 2000],
        ['en', 0.99, 2900],
      ],
      ['de', 'de', 'de', 'de'],
    ],
    [
      'lets something short between two that agree count for nothing',
      [
        ['de', 0.9, 2000],
        ['en', 0.8, 2000],
        ['de', 0.9, 400],
        ['en', 0.8, 2000],
      ],
      ['de', 'de', 'de', 'en'],
    ],
    [
      'takes two that agree where the library tells no probability, and one to begin with',
      [
        ['de', undefined, 2000],
        ['en', undefined, 9000],
        ['en', undefined, 2000],
      ],
      ['de', 'de', 'en'],
    ],
  ])('%s', (_, heard, decoded) => {
    expect(follow(heard)).toEqual(decoded)
  })

  it('considers no language but those that were named, by what they have among themselves', () => {
    const tracker = createLanguageTracker({ candidates: ['de', 'en'] })
    const guesses = [
      { language: 'nl', p: 0.7 },
      { language: 'de', p: 0.2 },
      { language: 'en', p: 0.05 },
    ]
    expect(tracker.observe({ guesses, speechMs: 2000 })).toBe('de')
    expect(tracker.settled).toBe(true)
    expect(tracker.observe({ guesses: guesses.slice(0, 1), speechMs: 9000 })).toBe('de')
  })

  const utterance = fc.record({
    language: fc.constantFrom('de', 'en', 'fr'),
    p: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    speechMs: fc.integer({ min: 0, max: 25_000 }),
  })

  it('once settled never switches for what is short, unsure or the first of two', () => {
    fc.assert(
      fc.property(fc.array(utterance, { maxLength: 30 }), (utterances) => {
        const tracker = createLanguageTracker()
        let before: string | undefined
        for (const { language, p, speechMs } of utterances) {
          const { settled, language: current } = tracker
          const next = tracker.observe({ guesses: [{ language, p }], speechMs })
          if (settled && next !== current) {
            expect(next).toBe(language)
            expect(speechMs).toBeGreaterThanOrEqual(1000)
            expect(p ?? 0.6).toBeGreaterThanOrEqual(0.6)
            const verySure = speechMs >= 3000 && (p ?? 0) >= 0.9
            expect(verySure || before === language).toBe(true)
          }
          if (speechMs >= 1000) before = language
        }
      }),
    )
  })

  it('always names a language that was heard or that it began with, and stays settled', () => {
    fc.assert(
      fc.property(fc.array(utterance, { maxLength: 30 }), (utterances) => {
        const tracker = createLanguageTracker({ initial: 'ja' })
        const known = new Set(['ja'])
        for (const { language, p, speechMs } of utterances) {
          const { settled } = tracker
          known.add(language)
          expect(known).toContain(tracker.observe({ guesses: [{ language, p }], speechMs }))
          expect(tracker.settled || !settled).toBe(true)
        }
      }),
    )
  })
})
