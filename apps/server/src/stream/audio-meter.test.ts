import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAudioMeter } from './audio-meter.ts'

describe('the audio meter', () => {
  it('never takes more than is covered, to the byte, whatever the message sizes', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.nat(70_000), { maxLength: 50 }), (coveredMs, sizes) => {
        const meter = createAudioMeter()
        const granted = sizes.reduce((sum, size) => sum + meter.take(size, coveredMs), 0)
        const offered = sizes.reduce((sum, size) => sum + (size - (size % 2)), 0)
        expect(granted).toBe(Math.min(offered, coveredMs * 32))
        expect(meter.usedBytes).toBe(granted)
        expect(meter.usedMs).toBe(Math.floor(granted / 32))
      }),
    )
  })

  it('takes more when the cover grows, and nothing while there is none', () => {
    const meter = createAudioMeter()
    expect(meter.take(64_000, 1000)).toBe(32_000)
    expect(meter.take(64_000, 0)).toBe(0)
    expect(meter.take(64_000, 1500)).toBe(16_000)
  })

  it('grants no half samples', () => {
    expect(createAudioMeter().take(641, 1000)).toBe(640)
  })
})
