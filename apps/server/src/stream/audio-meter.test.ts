import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAudioMeter } from './audio-meter.ts'

describe('the audio meter', () => {
  it('never grants more than the budget, to the byte, whatever the message sizes', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.nat(70_000), { maxLength: 50 }), (budgetMs, sizes) => {
        const meter = createAudioMeter(budgetMs)
        const granted = sizes.reduce((sum, size) => sum + meter.take(size), 0)
        const offered = sizes.reduce((sum, size) => sum + (size - (size % 2)), 0)
        expect(granted).toBe(Math.min(offered, budgetMs * 32))
        expect(meter.usedBytes).toBe(granted)
        expect(meter.usedMs).toBe(Math.floor(granted / 32))
      }),
    )
  })

  it('grants no half samples', () => {
    expect(createAudioMeter(1000).take(641)).toBe(640)
  })
})
