import { expect, test } from 'vitest'
import { followWords } from './heard-words.ts'
import type { TimedEvent } from './heard-words.ts'
import { final, interim } from './testing/said.ts'

test('a word is committed by the first interim that says so, else by its final', () => {
  const { words, changed } = followWords([
    interim('one too', 0, 600, { committedWords: 0 }),
    interim('one two', 0, 1100, { committedWords: 1 }),
    interim('One, two three', 0, 1600, { committedWords: 2 }),
    final('One, two. Three', 0, 2200),
  ])
  expect(words.map(({ committedAtMs }) => committedAtMs)).toEqual([1100, 1600, 2200])
  expect(changed).toBe(0)
})

test('an engine that promises nothing commits with its finals', () => {
  const { words, committed } = followWords([interim('one', 0, 500), final('one', 0, 900)])
  expect(words.map(({ committedAtMs }) => committedAtMs)).toEqual([900])
  expect(committed).toBe(0)
})

test('a committed word that becomes another, or none, is counted once', () => {
  const change = followWords([
    interim('one two', 0, 500, { committedWords: 2 }),
    interim('one too', 0, 900, { committedWords: 2 }),
    final('one too', 0, 1200),
  ])
  expect(change.changed).toBe(1)
  expect(change.changes[0]).toContain('"two" became "too"')
  const loss = followWords([interim('one two', 0, 500, { committedWords: 2 }), final('', 0, 1200)])
  expect(loss.changed).toBe(2)
})

test('an interim of the next stretch that comes before a final belongs to the next final', () => {
  const { words, changed } = followWords([
    interim('one', 0, 500, { committedWords: 1 }),
    interim('two', 2000, 2600, { committedWords: 1 }),
    final('one', 0, 2700),
    final('two', 2000, 3500),
  ])
  expect(words.map(({ committedAtMs }) => committedAtMs)).toEqual([500, 2600])
  expect(changed).toBe(0)
})

test('a word has ended with the first final that ends its utterance', () => {
  const events: TimedEvent[] = [
    final('one', 0, 1000, { speechFinal: false }),
    final('two', 1000, 2000),
    final('three', 3000, 4000, { speechFinal: false }),
  ]
  expect(followWords(events).words.map(({ endedAtMs }) => endedAtMs)).toEqual([
    2000,
    2000,
    undefined,
  ])
})
