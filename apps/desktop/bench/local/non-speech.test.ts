import { expect, test } from 'vitest'
import { inventedWords } from './non-speech.ts'
import { final, interim } from './testing/said.ts'

const events = (...timed: readonly ReturnType<typeof final>[]) => timed.map(({ event }) => event)

test('what was shown counts once, also where the final takes it back', () => {
  const heard = inventedWords(
    events(
      interim('thank', 0, 500),
      interim('thank you', 0, 900),
      final('', 0, 1500),
      interim('bye', 3000, 3500),
      final('Bye bye.', 3000, 4000),
      interim('so', 6000, 6500),
    ),
  )
  expect(heard).toEqual({ words: 5, texts: ['thank you', 'Bye bye.', 'so'] })
})

test('a final without words is nothing', () => {
  expect(inventedWords(events(final('', 0, 1000)))).toEqual({ words: 0, texts: [] })
})
