import type { Word } from '@saywire/speech'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, it } from 'vitest'
import type { Caption } from './caption.ts'
import { createCueBuilder, CUE_LINE_COLUMNS, CUE_LINES, CUE_MS_MAX, CUE_MS_MIN } from './cues.ts'
import { finalOf } from './testing/final-of.ts'

const withoutSpaces = (text: string) => text.replace(/\s/g, '')

const word = fc.oneof(
  fc.constantFrom(
    'so',
    'we',
    'went',
    'there,',
    'yesterday.',
    'Really?',
    'incomprehensibilities',
    '字幕を',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
)
/** Captions as engines make them: in order, words in order, times at their worst all the same. */
const captions = fc
  .array(
    fc.record({
      pauseMs: fc.nat(3000),
      hasWords: fc.boolean(),
      words: fc.array(fc.tuple(word, fc.nat(2000), fc.nat(900)), { minLength: 1, maxLength: 40 }),
    }),
  )
  .map((finals) => {
    let atMs = 0
    return finals.map(({ pauseMs, hasWords, words }): Caption => {
      atMs += pauseMs
      const startMs = atMs
      const timed = words.map(([text, durationMs, gapMs]): Word => {
        const word = { text, startMs: atMs, endMs: atMs + durationMs, confidence: 1 }
        atMs += durationMs + gapMs
        return word
      })
      const text = words.map(([text]) => text).join(' ')
      return { text, words: hasWords ? timed : [], startMs, endMs: atMs }
    })
  })

it(
  'makes cues in order that never overlap, fit the screen and hold all of the text',
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(captions, (captions) => {
        const cuesOf = createCueBuilder()
        const cues = captions.flatMap(cuesOf)
        let lastEndMs = 0
        for (const { startMs, endMs, lines } of cues) {
          expect(startMs).toBeGreaterThanOrEqual(lastEndMs)
          expect(endMs).toBeGreaterThan(startMs)
          expect(endMs - startMs).toBeLessThanOrEqual(CUE_MS_MAX)
          expect(Number.isInteger(startMs) && Number.isInteger(endMs)).toBe(true)
          expect(lines.length).toBeGreaterThan(0)
          expect(lines.length).toBeLessThanOrEqual(CUE_LINES)
          for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(CUE_LINE_COLUMNS)
          lastEndMs = endMs
        }
        const shown = cues.flatMap(({ lines }) => lines).join('')
        const said = captions.map(({ text }) => text.replace(/\p{Cc}/gu, ' ')).join('')
        expect(withoutSpaces(shown)).toBe(withoutSpaces(said))
      }),
    )
  },
)

it('breaks a long final where a sentence ends, at the times of its words', () => {
  const said =
    'We start with the settings of the program. Then we look at the overlay and how it gets into OBS, and at the end there is time for questions.'
  const cues = createCueBuilder()(finalOf(said, 1000))
  expect(cues).toEqual([
    { startMs: 1000, endMs: 3400, lines: ['We start with the settings of the program.'] },
    {
      startMs: 3400,
      endMs: 7000,
      lines: ['Then we look at the overlay and how it', 'gets into OBS,'],
    },
    { startMs: 7000, endMs: 9700, lines: ['and at the end there is time for', 'questions.'] },
  ])
})

it('keeps a short cue long enough to be read, and lets the next one wait for it', () => {
  const cuesOf = createCueBuilder()
  const [yes] = cuesOf(finalOf('Yes.', 0, 200))
  const [next] = cuesOf(finalOf('And then we went on.', 300))
  expect(yes).toMatchObject({ startMs: 0, endMs: CUE_MS_MIN })
  expect(next).toMatchObject({ startMs: CUE_MS_MIN, endMs: 1800 })
})

it('parts words between which the speaker was silent for long', () => {
  const caption = finalOf('before after', 0)
  const [before, after] = caption.words
  const words = [before!, { ...after!, startMs: 20_000, endMs: 20_500 }]
  expect(createCueBuilder()({ ...caption, words, endMs: 20_500 })).toEqual([
    { startMs: 0, endMs: 1000, lines: ['before'] },
    { startMs: 20_000, endMs: 21_000, lines: ['after'] },
  ])
})
