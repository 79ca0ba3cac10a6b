import type { SpeechEvent } from '@saywire/speech'
import { expect, test } from 'vitest'
import { createSaidOnce } from './said-once.ts'

const final = (text: string, startMs: number, endMs: number): SpeechEvent => ({
  type: 'final',
  text,
  words: [{ text, startMs, endMs, confidence: 1 }],
  startMs,
  endMs,
  confidence: 1,
  speechFinal: true,
})

test('what a replacement says again is not told again', () => {
  const pass = createSaidOnce()
  const said: readonly SpeechEvent[] = [
    { type: 'speech-started', atMs: 100 },
    final('one', 200, 900),
    { type: 'utterance-end', lastWordEndMs: 900 },
  ]
  for (const event of said) expect(pass(event, 0)).toEqual(event)
  for (const event of said) expect(pass(event, 900)).toBeUndefined()
})

test('what is new is told, be it by another', () => {
  const pass = createSaidOnce()
  pass({ type: 'utterance-end', lastWordEndMs: 900 }, 0)
  const said: readonly SpeechEvent[] = [
    { type: 'speech-started', atMs: 2000 },
    final('two', 2000, 2500),
    { type: 'utterance-end', lastWordEndMs: 2500 },
  ]
  for (const event of said) expect(pass(event, 900)).toEqual(event)
})
