import { expect, it } from 'vitest'
import { final, speakerTo } from '../overlay/testing/speak.ts'
import { settingsSchema } from '../settings/settings.ts'
import { createRuledSink } from './ruled-sink.ts'

it('follows word rules that are changed while somebody speaks', () => {
  const replacements = [{ from: 'Sawyer', to: 'Saywire' }]
  let words = settingsSchema.parse({}).words
  const heard: string[] = []
  const sink = createRuledSink(
    { onEvent: (event) => event.type === 'final' && heard.push(event.text) },
    'overlay',
    () => words,
  )
  const say = speakerTo(sink)
  say(final('This is Sawyer.', 900))
  words = settingsSchema.parse({ words: { replacements } }).words
  say(final('This is Sawyer.', 1900))
  words = settingsSchema.parse({ words: { replacements, replaceIn: { overlay: false } } }).words
  say(final('This is Sawyer.', 2900))
  expect(heard).toEqual(['This is Sawyer.', 'This is Saywire.', 'This is Sawyer.'])
})
