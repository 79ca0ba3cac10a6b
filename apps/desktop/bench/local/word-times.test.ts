import { expect, test } from 'vitest'
import { unwrittenSpeechOf, wordTimesOf, writtenWords } from './word-times.ts'

const JFK =
  'And so my fellow Americans ask not what your country can do for you ask what you can do for your country.'

test('the times of a clip rise, one for each word of its reference, also in noise', () => {
  const times = wordTimesOf({ file: 'en/jfk.wav', reference: JFK }) ?? []
  expect(times).toHaveLength(writtenWords(JFK).length)
  for (const [i, { startMs, endMs }] of times.entries()) {
    expect(endMs).toBeGreaterThan(startMs)
    expect(startMs).toBeGreaterThanOrEqual(times[i - 1]?.endMs ?? 0)
  }
  expect(wordTimesOf({ file: 'noisy/jfk__sb-noise5_5dB.wav', reference: JFK })).toEqual(times)
})

test('another clip of the same name has no times', () => {
  expect(wordTimesOf({ file: 'en/jfk.wav', reference: 'Something else.' })).toBeUndefined()
  expect(wordTimesOf({ file: 'elsewhere.wav', reference: JFK })).toBeUndefined()
})

test('what a reference leaves out is left out in noise, too', () => {
  const unwritten = unwrittenSpeechOf({ file: 'en/spacewalk.wav' })
  expect(unwritten).toHaveLength(1)
  expect(unwrittenSpeechOf({ file: 'noisy/spacewalk__office_5dB.wav' })).toEqual(unwritten)
  expect(unwrittenSpeechOf({ file: 'en/jfk.wav' })).toEqual([])
})
