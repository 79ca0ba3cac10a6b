import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEngineClock } from './engine-clock.ts'

const FRAME_BYTES = 640

/** Frames of 20 ms and gaps, as a session may see them. */
const anyHistory = fc.array(
  fc.oneof(
    fc.record({ frames: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ gapMs: fc.integer({ min: 1, max: 100_000 }) }),
  ),
  { maxLength: 40 },
)

/** A clock with a history, and where on the capture clock each frame of 20 ms truly lies. */
function play(history: readonly ({ frames: number } | { gapMs: number })[]) {
  const clock = createEngineClock()
  const captureMs: number[] = []
  for (const part of history) {
    if ('gapMs' in part) clock.addGap(part.gapMs)
    else {
      for (let frame = 0; frame < part.frames; frame++) {
        captureMs.push(clock.captureMs)
        clock.addAudio(FRAME_BYTES)
      }
    }
  }
  return { clock, captureMs }
}

describe('the engine clock', () => {
  it('puts what begins at a gap behind it, and what ends there before it', () => {
    const { clock } = play([{ frames: 5 }, { gapMs: 1000 }, { frames: 5 }])
    expect(clock.startToCaptureMs(100)).toBe(1100)
    expect(clock.endToCaptureMs(100)).toBe(100)
    expect(clock.endToCaptureMs(120)).toBe(1120)
    expect(clock).toMatchObject({ audioMs: 200, captureMs: 1200 })
  })

  it('finds every frame where it was captured', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { clock, captureMs } = play(history)
        captureMs.forEach((expectedMs, frame) => {
          expect(clock.startToCaptureMs(frame * 20)).toBe(expectedMs)
          expect(clock.endToCaptureMs(frame * 20 + 20)).toBe(expectedMs + 20)
        })
      }),
    )
  })

  it('never goes back, and never ends anything after the next thing begins', () => {
    fc.assert(
      fc.property(anyHistory, fc.array(fc.nat(50_000)), (history, atsMs) => {
        const { clock } = play(history)
        let lastMs = 0
        for (const atMs of atsMs.toSorted((a, b) => a - b)) {
          expect(clock.endToCaptureMs(atMs)).toBeGreaterThanOrEqual(lastMs)
          lastMs = clock.startToCaptureMs(atMs)
          expect(lastMs).toBeGreaterThanOrEqual(clock.endToCaptureMs(atMs))
        }
      }),
    )
  })

  it('names the gaps that are long enough, once, where the audio on both sides meets', () => {
    const history = [{ frames: 5 }, { gapMs: 150 }, { gapMs: 150 }, { frames: 5 }, { gapMs: 100 }]
    const { clock } = play([...history, { frames: 1 }])
    expect(clock.gapsBetween(0, 220, 200)).toEqual([100])
    expect(clock.gapsBetween(0, 220, 100)).toEqual([100, 200])
    expect(clock.gapsBetween(100, 199, 100)).toEqual([])
  })

  it('tells the same times of what is left after it forgot the rest', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(20_000), (history, fromMs) => {
        const { clock } = play(history)
        const times = () =>
          [0, 20, 300, 5000].map((ms) => [
            clock.startToCaptureMs(fromMs + ms),
            clock.endToCaptureMs(fromMs + ms),
          ])
        const before = times()
        clock.forgetBefore(fromMs)
        expect(times()).toEqual(before)
      }),
    )
  })
})
