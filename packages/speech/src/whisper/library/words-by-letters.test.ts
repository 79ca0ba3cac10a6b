import { describe, expect, it } from 'vitest'
import { silence, voice } from '../testing/synthetic-audio.ts'
import { wordsByLetters } from './words-by-letters.ts'

function audio(...parts: readonly Float32Array[]): Float32Array {
  const samples = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    samples.set(part, at)
    at += part.length
  }
  return samples
}

describe('words that nothing tells the times of', () => {
  it('lie where the voice is, in order and each as long as its letters', () => {
    const words = wordsByLetters(
      'One seventeen',
      audio(silence(600), voice(1200, 0.3), silence(500)),
    )
    expect(words.map((word) => word.text)).toEqual([' One', ' seventeen'])
    const [one, seventeen] = words
    expect(one?.startMs).toBeGreaterThanOrEqual(600)
    expect(Math.abs((one?.endMs ?? 0) - 900)).toBeLessThan(100)
    expect(Math.abs((seventeen?.startMs ?? 0) - 900)).toBeLessThan(100)
    expect(seventeen?.endMs).toBeLessThanOrEqual(1800)
    expect(seventeen?.endMs).toBeGreaterThan(1700)
  })

  it('leave out the pauses between them', () => {
    const [, second] = wordsByLetters(
      'before after.',
      audio(voice(1000, 0.3), silence(1500), voice(1000, 0.3)),
    )
    expect(second?.startMs).toBeGreaterThan(900)
    expect(second?.endMs).toBeGreaterThan(3300)
  })

  it('are none of nothing, and stay inside of audio without a voice', () => {
    expect(wordsByLetters(' ', silence(1000))).toEqual([])
    const words = wordsByLetters('a b', silence(100))
    expect(words.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 60],
      [40, 100],
    ])
  })
})
