import { describe, expect, it } from 'vitest'
import type { GapReason } from '../core/ports.ts'
import { createTimeline } from './timeline.ts'

const FRAME = new Uint8Array(640)

function timeline() {
  const gaps: [number, GapReason][] = []
  let nowMs = 1000
  const line = createTimeline(
    { onAudio: () => undefined, onGap: (ms, reason) => gaps.push([ms, reason]) },
    () => nowMs,
  )
  const frameAfter = (ms: number) => {
    nowMs += ms
    line.audio(FRAME)
  }
  const wait = (ms: number) => (nowMs += ms)
  return { line, gaps, frameAfter, wait }
}

describe('the timeline', () => {
  it('states an interruption to the ms, from the end of the audio before to the next', () => {
    const { line, gaps, frameAfter } = timeline()
    for (let i = 0; i < 10; i++) frameAfter(20)
    line.interrupt('switched')
    frameAfter(1234)
    frameAfter(20)
    expect(gaps).toEqual([[1214, 'switched']])
  })

  it('is not misled by audio that came late before the interruption', () => {
    const { line, gaps, frameAfter } = timeline()
    for (let i = 0; i < 10; i++) frameAfter(20)
    // Its end was 20 ms after the one before, though it is here 50 ms later.
    frameAfter(20 + 50)
    line.interrupt('lost')
    frameAfter(1000)
    expect(gaps).toEqual([[1000 - 20 + 50, 'lost']])
  })

  it('counts muted audio as captured, so that it is not lost as well', () => {
    const { line, gaps, wait, frameAfter } = timeline()
    frameAfter(20)
    wait(200)
    line.missing(200, 'muted')
    line.interrupt('lost')
    frameAfter(520)
    expect(gaps).toEqual([
      [200, 'muted'],
      [500, 'lost'],
    ])
  })

  it('says nothing of the time before the first audio', () => {
    const { line, gaps, frameAfter } = timeline()
    line.interrupt('lost')
    frameAfter(5000)
    expect(gaps).toEqual([])
    expect(line.begun).toBe(true)
  })
})
