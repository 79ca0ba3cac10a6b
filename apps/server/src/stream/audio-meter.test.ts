import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AudioMeter } from './audio-meter.ts'
import { defaultStreamLimits as limits } from './stream-limits.ts'

/** Bytes of so many ms. */
const audio = (ms: number): number => ms * 32

describe('the audio meter', () => {
  it('never takes more than is covered, to the byte, whatever the message sizes', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.nat(70_000), { maxLength: 50 }), (coveredMs, sizes) => {
        const meter = new AudioMeter(limits)
        const granted = sizes.reduce((sum, size) => sum + meter.take(size, coveredMs), 0)
        const offered = sizes.reduce((sum, size) => sum + (size - (size % 2)), 0)
        expect(granted).toBe(Math.min(offered, coveredMs * 32))
        expect(meter.positionBytes).toBe(granted)
        expect(meter.billedMs).toBe(Math.floor(granted / 32))
      }),
    )
  })

  it('takes more when the cover grows, and nothing while there is none', () => {
    const meter = new AudioMeter(limits)
    expect(meter.take(64_000, 1000)).toBe(32_000)
    expect(meter.take(64_000, 0)).toBe(0)
    expect(meter.take(64_000, 1500)).toBe(16_000)
  })

  it('grants no half samples', () => {
    expect(new AudioMeter(limits).take(641, 1000)).toBe(640)
  })
})

describe('audio that never left the process', () => {
  it('is not billed, and still to be heard', () => {
    const meter = new AudioMeter(limits)
    meter.take(audio(1000), 5000)
    expect(meter.less(300)).toEqual({ heardMs: 700, billedMs: 700 })
    expect(meter.less(0.5)).toEqual({ heardMs: 999, billedMs: 999 })
  })

  it('is not to be paid for again where it was a replay', () => {
    const start = { positionMs: 3000, heardMs: 5000, billedMs: 6000, replayedMs: 0 }
    const meter = new AudioMeter(limits, start)
    meter.take(audio(1000), 10_000)
    expect(meter.less(1000)).toEqual({ heardMs: 5000, billedMs: 6000 })
    meter.take(audio(1500), 10_000)
    expect(meter.less(1000)).toEqual({ heardMs: 5000, billedMs: 6000 })
    expect(meter.less(200)).toEqual({ heardMs: 5300, billedMs: 6300 })
  })
})

describe('audio that is sent again', () => {
  it('is free up to where it was billed, and needs no cover', () => {
    const meter = new AudioMeter(limits, {
      positionMs: 3000,
      heardMs: 5000,
      billedMs: 5000,
      replayedMs: 0,
    })
    expect(meter.take(audio(2500), 5000)).toBe(audio(2000))
    expect(meter.take(audio(500), 5500)).toBe(audio(500))
    expect(meter).toMatchObject({ positionMs: 5500, heardMs: 5500, billedMs: 5500 })
    expect(meter.replayedMs).toBe(2000)
  })

  it('is billed once two minutes and a quarter of what was billed have been free', () => {
    const meter = new AudioMeter(limits, {
      positionMs: 0,
      heardMs: 400_000,
      billedMs: 400_000,
      replayedMs: 0,
    })
    expect(meter.take(audio(400_000), 1_000_000)).toBe(audio(400_000))
    // 120 s and 100 s are free; what is billed beyond adds its own quarter only to later messages.
    expect(meter).toMatchObject({ replayedMs: 220_000, billedMs: 400_000 + 180_000 })
  })

  it('cannot make a session cheaper than four fifths of its audio, however often it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.nat(90_000)), { maxLength: 60 }),
        (cuts) => {
          let at = { positionMs: 0, heardMs: 0, billedMs: 0, replayedMs: 0 }
          let heardInAllMs = 0
          for (const [spokenMs, backMs] of cuts) {
            const meter = new AudioMeter(limits, at)
            for (let left = audio(spokenMs); left > 0; left -= 32_000) {
              meter.take(Math.min(32_000, left), Number.MAX_SAFE_INTEGER)
            }
            heardInAllMs += spokenMs
            const { heardMs, billedMs, replayedMs, positionMs } = meter
            at = { heardMs, billedMs, replayedMs, positionMs: Math.max(0, positionMs - backMs) }
          }
          expect(at.billedMs + at.replayedMs).toBe(heardInAllMs)
          // A meter goes on from whole ms: what was replayed rounded up, what was billed down.
          expect(at.replayedMs).toBeLessThan(120_000 + (at.billedMs + 1) / 4 + 1)
        },
      ),
    )
  })
})
