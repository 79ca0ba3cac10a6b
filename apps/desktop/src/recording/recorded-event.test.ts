import { expect, it } from 'vitest'
import { committed, final, interim } from '../overlay/testing/speak.ts'
import { recordEvent, reviveEvent } from './recorded-event.ts'
import { entrySchema } from './recording-format.ts'

it.each([
  ['a guess', interim('hello', 500)],
  ['a guess that has committed words', committed('hello there', 500, 1)],
  ['a guess that has none yet', committed('hello', 500, 0)],
  ['final words', final('Hello.', 500)],
])('comes back from a recording as it was: %s', (_what, event) => {
  const line = JSON.stringify({
    type: 'heard',
    ms: 0,
    session: 'chosen 1',
    event: recordEvent(event),
  })
  const entry = entrySchema.parse(JSON.parse(line))
  expect(entry.type === 'heard' && reviveEvent(entry.event)).toEqual(event)
})
