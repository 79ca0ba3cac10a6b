import { expect, test } from 'vitest'
import { alignWords } from './align-words.ts'

const untimed = (text: string) => text.split(' ').map((word) => ({ text: word }))

test('pairs the words that were heard and tells wrong and lost ones', () => {
  const { pairs, isRight, lost } = alignWords(untimed('a big red dog'), untimed('a pig dog ran'))
  expect(pairs.map(({ reference, heard }) => [reference, heard])).toEqual([
    [0, 0],
    [3, 2],
  ])
  expect(isRight).toEqual([true, false, true, false])
  expect(lost).toBe(1)
})

test('a word that is written as two shares its start with the first and its end with the second', () => {
  const { pairs, isRight } = alignWords(untimed('my real-time app'), untimed('My real time app.'))
  expect(pairs).toEqual([
    { reference: 0, heard: 0, sharesStart: true, sharesEnd: true },
    { reference: 1, heard: 1, sharesStart: true, sharesEnd: false },
    { reference: 1, heard: 2, sharesStart: false, sharesEnd: true },
    { reference: 2, heard: 3, sharesStart: true, sharesEnd: true },
  ])
  expect(isRight).toEqual([true, true, true, true])
})

test('a number is right however it is written', () => {
  const { pairs, isRight } = alignWords(untimed('twenty one dogs'), untimed('21 dogs'))
  expect(isRight).toEqual([true, true])
  expect(pairs[0]).toMatchObject({ heard: 0, sharesStart: true, sharesEnd: false })
  expect(pairs[1]).toMatchObject({ heard: 0, sharesStart: false, sharesEnd: true })
})

test('a word half of which is wrong is not right', () => {
  expect(alignWords(untimed('twenty two'), untimed('21')).isRight).toEqual([false])
})

test('the same word said at another time is another word', () => {
  const at = (text: string, startMs: number) => ({ text, startMs, endMs: startMs + 200 })
  const reference = [at('yes', 0), at('no', 1000)]
  const { pairs, isRight } = alignWords(reference, [at('yes', 5000), at('no', 1100)])
  expect(pairs.map((pair) => pair.reference)).toEqual([1])
  expect(isRight).toEqual([false, true])
})

test('a note is no right word', () => {
  expect(alignWords(untimed('hello'), untimed('[BLANK_AUDIO] hello')).isRight).toEqual([
    false,
    true,
  ])
})
