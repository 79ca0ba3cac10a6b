import { BYTES_PER_MS } from '@saywire/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSpeechActivity } from './audio/speech-activity.ts'
import { createLazyUnansweredSpeech, createUnansweredSpeech } from './unanswered-speech.ts'

const PIECE_MS = 100
const NEEDED_MS = 2000

/** A tenth of a second of noise, loud or faint. */
function piece(amplitude: number): Uint8Array {
  const samples = new Int16Array((PIECE_MS * BYTES_PER_MS) / 2)
  for (let i = 0; i < samples.length; i++) samples[i] = (Math.random() - 0.5) * 2 * amplitude
  return new Uint8Array(samples.buffer)
}

describe('speech without an answer, listened to only where the answer is late', () => {
  it('is found at the same moments as by whoever listens all the time', () => {
    const step = fc.constantFrom(
      'speech',
      'speech',
      'speech',
      'silence',
      'answer',
      'look',
      'freeze',
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 0, max: 1500 }),
        (steps, patienceMs) => {
          const detector = { hear: (frame: Uint8Array) => frame[0] !== 0 }
          const eager = createUnansweredSpeech(detector)
          const lazy = createLazyUnansweredSpeech(detector, patienceMs)
          let nowMs = 0
          for (const what of steps) {
            for (const one of [eager, lazy]) {
              if (what === 'speech')
                one.wrote(new Uint8Array(PIECE_MS * BYTES_PER_MS).fill(1), nowMs)
              if (what === 'silence') one.wrote(new Uint8Array(PIECE_MS * BYTES_PER_MS), nowMs)
              if (what === 'answer') one.answered()
              if (what === 'freeze') one.excuse(nowMs)
            }
            if (what === 'speech' || what === 'silence') nowMs += PIECE_MS
            expect(lazy.isAtLeast(NEEDED_MS, nowMs)).toBe(eager.isAtLeast(NEEDED_MS, nowMs))
          }
        },
      ),
    )
  })

  it('knows the noise of the room that it has not listened to before', () => {
    const lazy = createLazyUnansweredSpeech(createSpeechActivity(), 4000)
    for (let atMs = 0; atMs < 20_000; atMs += PIECE_MS) lazy.wrote(piece(1000), atMs)
    expect(lazy.isAtLeast(NEEDED_MS, 20_000)).toBe(false)
    for (let atMs = 20_000; atMs < 30_000; atMs += PIECE_MS) {
      lazy.wrote(piece(atMs % 1000 < 700 ? 12_000 : 1000), atMs)
    }
    expect(lazy.isAtLeast(NEEDED_MS, 30_000)).toBe(true)
  })

  it('is not listened to while answers come', () => {
    let heard = 0
    const lazy = createLazyUnansweredSpeech({ hear: () => (heard += 1) > 0 }, 4000)
    for (let atMs = 0; atMs < 60_000; atMs += PIECE_MS) {
      lazy.wrote(piece(1000), atMs)
      if (atMs % 3000 === 0) lazy.answered()
      expect(lazy.isAtLeast(8000, atMs)).toBe(false)
    }
    expect(heard).toBe(0)
  })
})
