import { expect, it } from 'vitest'
import { committedText } from './committed-text.ts'

function interim(text: string, words: readonly string[], committedWords?: number) {
  return {
    type: 'interim' as const,
    text,
    confidence: 0.9,
    startMs: 0,
    endMs: 300 * words.length,
    words: words.map((word, at) => ({
      text: word,
      startMs: 300 * at,
      endMs: 300 * at + 300,
      confidence: 0.9,
    })),
    ...(committedWords !== undefined && { committedWords }),
  }
}

it.each([
  ['of an engine that promises nothing', interim('Hello there', ['Hello', 'there']), ''],
  ['before anything is', interim('Hello there', ['Hello', 'there'], 0), ''],
  ['up to a word', interim('Well, hello there', ['Well,', 'hello', 'there'], 2), 'Well, hello'],
  ['to the last', interim('Hello there', ['Hello', 'there'], 2), 'Hello there'],
  ['where words repeat', interim('a cat, a hat', ['a', 'cat,', 'a', 'hat'], 3), 'a cat, a'],
  ['without spaces', interim('今日は晴れ', ['今日', 'は', '晴れ'], 2), '今日は'],
  ['of a text that is written otherwise', interim('$20 now', ['twenty', 'dollars', 'now'], 2), ''],
])('is the committed beginning %s', (_what, event, text) => {
  expect(committedText(event)).toBe(text)
})
