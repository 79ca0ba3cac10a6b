import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CaptionRoll } from './caption-roll.ts'
import { emptyRoll, nextScreen, rollFinal, rollInterim } from './caption-roll.ts'
import { fitsLine } from './caption-text.ts'

/** Everything that viewers get to see of a roll, screen by screen. */
function screensOf(roll: CaptionRoll): string[] {
  const screen = nextScreen(roll)
  if (screen === undefined || screen.newChars === 0) return []
  return [screen.text, ...screensOf(screen.seen)]
}

/** Shows the next screen, and returns the roll after it. */
function seen(roll: CaptionRoll): CaptionRoll {
  return nextScreen(roll)?.seen ?? roll
}

const words = (text: string) => text.split(' ')
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `word${from + index}`)

test('a short caption is one line', () => {
  expect(screensOf(rollFinal(emptyRoll, words('hello there')))).toEqual(['hello there'])
})

test('a long caption comes as screens of two lines of whole words, none twice', () => {
  const roll = rollFinal(
    emptyRoll,
    words('the quick brown fox jumps over the lazy dog '.repeat(3).trim()),
  )
  const screens = screensOf(roll)
  expect(screens.slice(0, 2)).toEqual([
    'the quick brown fox jumps\nover the lazy dog the',
    'quick brown fox jumps over\nthe lazy dog the quick',
  ])
  // The last line alone would leave half a screen: the one before it stays.
  expect(screens.at(-1)).toBe(
    'the lazy dog the quick\nbrown fox jumps over the\nlazy dog'.split('\n').slice(1).join('\n'),
  )
})

test('lines stay where they are while a guess grows', () => {
  let roll = seen(rollInterim(emptyRoll, words('we are going to look at')))
  roll = rollInterim(roll, words('we are going to look at the map'))
  expect(nextScreen(roll)).toMatchObject({
    text: 'we are going to look at\nthe map',
    newChars: 'the map'.length,
    isScrolled: false,
  })
})

test('the final of a guess that was seen takes its place, and adds nothing to read', () => {
  const roll = seen(rollInterim(emptyRoll, words('one two three')))
  expect(nextScreen(rollFinal(roll, words('One, two, three.')))).toMatchObject({
    text: 'One, two, three.',
    newChars: 0,
    isScrolled: false,
  })
})

test('a final that corrects the guess to more words shows them', () => {
  const roll = seen(rollInterim(emptyRoll, words('one two')))
  expect(nextScreen(rollFinal(roll, words('one too three')))?.text).toBe('one too three')
})

test('the next caption goes on behind the one before it', () => {
  const roll = seen(rollFinal(emptyRoll, words('That was close.')))
  expect(nextScreen(rollFinal(roll, words('Again!')))?.text).toBe('That was close. Again!')
})

test('a screen says that it pushes a line out', () => {
  let roll = seen(rollFinal(emptyRoll, numbers(1, 8)))
  roll = rollFinal(roll, numbers(9, 9))
  expect(nextScreen(roll)).toMatchObject({
    text: 'word5 word6 word7 word8\nword9',
    isScrolled: true,
  })
})

test('viewers who are too far behind skip to what was said last', () => {
  const screens = screensOf(rollFinal(emptyRoll, numbers(100, 199)))
  expect(screens).toHaveLength(3)
  expect(screens.at(-1)).toContain('word199')
})

test('hours of speech take no more room than a minute', () => {
  let roll = emptyRoll
  for (let count = 0; count < 5_000; count += 1) roll = seen(rollFinal(roll, numbers(1, 7)))
  expect(roll.words.length).toBeLessThan(60)
})

test('whatever is said, a screen has at most two lines that fit, and all is seen in the end', () => {
  const char = fc.constantFrom('a', 'é', 'ä', '.')
  const word = fc.string({ unit: char, minLength: 1, maxLength: 8 }).filter(fitsLine)
  const turn = fc.record({ words: fc.array(word, { maxLength: 40 }), isFinal: fc.boolean() })
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
      let roll = emptyRoll
      for (const { words, isFinal } of turns) {
        roll = isFinal ? rollFinal(roll, words) : rollInterim(roll, words)
        const screen = nextScreen(roll)
        if (screen === undefined) continue
        const lines = screen.text.split('\n')
        expect(lines.length).toBeLessThanOrEqual(2)
        expect(lines.every(fitsLine)).toBe(true)
        if (screen.newChars > 0) expect(screen.seen.seenCount).toBeGreaterThan(roll.seenCount)
        roll = screen.seen
      }
      const rest = screensOf(roll)
      expect(rest.length).toBeLessThanOrEqual(10)
    }),
  )
})
