import { describe, expect, it } from 'vitest'
import type { LatencyTracker } from './latency.ts'
import { createLatencyTracker } from './latency.ts'

/** Frames of 20 ms that arrive when they end, and are written 3 ms later. */
function hear(latency: LatencyTracker, frames: number, writtenAfterMs = 3): void {
  for (let frame = 1; frame <= frames; frame++) {
    latency.onFrame(frame * 20, frame * 20, frame * 20 + writtenAfterMs)
  }
}

const once = (ms: number) => ({ p50Ms: ms, p95Ms: ms, count: 1 })

describe('latency', () => {
  it('is unknown, not zero, where nothing was measured', () => {
    const latency = createLatencyTracker()
    hear(latency, 10)
    expect(latency.read()).toEqual({
      captureToEngine: undefined,
      engineToCaption: undefined,
      captionToPainted: undefined,
      total: undefined,
      uncertaintyMs: undefined,
    })
  })

  it('is taken of the frame in which the last word ends, stage by stage', () => {
    const latency = createLatencyTracker()
    hear(latency, 100)
    latency.onCaption('interim', 1010, 1100, 1500)
    latency.onPainted({ kind: 'interim', endMs: 1100, paintedAtMs: 1530, uncertaintyMs: 2 })
    expect(latency.read()).toEqual({
      captureToEngine: once(3),
      engineToCaption: once(1500 - 1023),
      captionToPainted: once(30),
      total: once(1530 - 1020),
      uncertaintyMs: 2,
    })
  })

  it('counts the wait for an engine that was away', () => {
    const latency = createLatencyTracker()
    hear(latency, 10, Number.NaN)
    latency.onCaption('final', 100, 100, 150)
    expect(latency.read().captureToEngine).toBeUndefined()
    latency.onReplay(100, 1000)
    latency.onCaption('final', 200, 200, 1300)
    expect(latency.read()).toMatchObject({
      captureToEngine: once(800),
      engineToCaption: once(300),
    })
  })

  it('counts a caption once, by the first page, and no repetition of an interim', () => {
    const latency = createLatencyTracker()
    hear(latency, 100)
    latency.onCaption('interim', 1000, 1000, 1100)
    latency.onCaption('interim', 1000, 1000, 1900)
    const paint = { kind: 'interim', endMs: 1000, uncertaintyMs: 5 } as const
    latency.onPainted({ ...paint, paintedAtMs: 1098 })
    latency.onPainted({ ...paint, paintedAtMs: 1500 })
    latency.onPainted({ ...paint, endMs: 999, paintedAtMs: 1500 })
    expect(latency.read()).toMatchObject({
      engineToCaption: once(1100 - 1003),
      captionToPainted: once(0),
    })
  })

  it('says nothing of audio that it has never seen or has forgotten', () => {
    const latency = createLatencyTracker()
    hear(latency, 10_000)
    latency.onCaption('final', 1000, 1000, 300_000)
    latency.onCaption('final', 200_020, 200_020, 300_000)
    expect(latency.read().engineToCaption).toBeUndefined()
    latency.onPainted({ kind: 'final', endMs: 1000, paintedAtMs: 300_010, uncertaintyMs: 1 })
    expect(latency.read()).toMatchObject({ captionToPainted: once(10), total: undefined })
  })

  it('is of the last two hundred captions', () => {
    const latency = createLatencyTracker()
    hear(latency, 1000)
    for (let caption = 1; caption <= 1000; caption++) {
      const delayMs = caption <= 800 ? 5000 : caption - 800
      latency.onCaption('final', caption * 20, caption * 20, caption * 20 + 3 + delayMs)
    }
    expect(latency.read().engineToCaption).toEqual({ p50Ms: 100, p95Ms: 190, count: 200 })
  })
})
