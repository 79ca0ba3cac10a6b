import { describe, expect, it } from 'vitest'
import type { AudioLevel } from './capture-messages.ts'
import { createLevelMeter } from './level-meter.ts'

function levels(samples: Int16Array, chunkBytes = 640): AudioLevel[] {
  const told: AudioLevel[] = []
  const meter = createLevelMeter((level) => told.push(level))
  const bytes = new Uint8Array(samples.buffer)
  for (let at = 0; at < bytes.length; at += chunkBytes) meter(bytes.slice(at, at + chunkBytes))
  return told
}

describe('the level meter', () => {
  it('speaks 20 times in a second of audio', () => {
    expect(levels(new Int16Array(16_000))).toHaveLength(20)
  })

  it('measures a sine at half of full scale as -6 dBFS peak and -9 dBFS RMS', () => {
    const sine = Int16Array.from({ length: 800 }, (_, i) => 16_384 * Math.sin((i * Math.PI) / 8))
    expect(levels(sine, 1600)).toEqual([{ rmsDbfs: -9, peakDbfs: -6 }])
  })

  it('gives digital silence a number', () => {
    expect(levels(new Int16Array(800))).toEqual([{ rmsDbfs: -100, peakDbfs: -100 }])
  })
})
