import { BYTES_PER_MS } from '@saywire/protocol'
import { describe, expect, it } from 'vitest'
import type { WatchdogLimits, WatchdogVerdict } from './engine-watchdog.ts'
import { createEngineWatchdog } from './engine-watchdog.ts'

const FRAME_MS = 20
const SPEECH = new Uint8Array(FRAME_MS * BYTES_PER_MS).fill(100)
const SILENCE = new Uint8Array(FRAME_MS * BYTES_PER_MS)

/** A session in made-up time: audio flows in frames, and the watchdog looks once a second. */
function setStage(limits: Partial<WatchdogLimits> = {}) {
  let nowMs = 1000
  const watchdog = createEngineWatchdog(limits, { hear: (frame) => frame[0] !== 0 })
  const verdicts: [WatchdogVerdict, number][] = []
  const stage = {
    watchdog,
    /** What was found, and after how many ms of the session. */
    verdicts,
    bufferedMs: 0,
    /** @param pattern tenths of a second: `#` holds speech */
    speak(pattern: string, onFrame: () => void = () => undefined) {
      for (const tenth of pattern) {
        for (let ms = 0; ms < 100; ms += FRAME_MS) {
          watchdog.wrote(tenth === '#' ? SPEECH : SILENCE, nowMs)
          nowMs += FRAME_MS
          onFrame()
          if (nowMs % 1000 === 0) stage.look()
        }
      }
    },
    look() {
      const verdict = watchdog.check(stage.bufferedMs, nowMs)
      if (verdict) verdicts.push([verdict, nowMs - 1000])
    },
    pass(ms: number) {
      nowMs += ms
    },
    now: () => nowMs,
  }
  stage.look()
  return stage
}

describe('silent', () => {
  it('is an engine that answers 8 s of speech with nothing', () => {
    const stage = setStage()
    stage.speak('#'.repeat(100))
    expect(stage.verdicts).toEqual([['silent', 8000]])
  })

  it('is found in natural talk with its pauses, within 16 s', () => {
    const stage = setStage()
    stage.speak('#######...'.repeat(20))
    expect(stage.verdicts).toEqual([['silent', expect.any(Number)]])
    expect(stage.verdicts[0]?.[1]).toBeLessThan(16_000)
  })

  it.each([
    ['answers now and then', '#'.repeat(70)],
    ['answers at last', '#'.repeat(79)],
  ])('is no engine that %s', (_what, pattern) => {
    const stage = setStage()
    for (let i = 0; i < 10; i++) {
      stage.speak(pattern)
      stage.watchdog.heard(stage.now())
    }
    expect(stage.verdicts).toEqual([])
  })

  it('is no engine that hears silence, or an hour of keys being struck', () => {
    const stage = setStage()
    stage.speak('.'.repeat(600))
    stage.speak('#..'.repeat(12_000))
    expect(stage.verdicts).toEqual([])
  })

  it('is judged ever more slowly while there are no words, as in an hour of music', () => {
    const stage = setStage()
    stage.speak('#'.repeat(36_000))
    const times = stage.verdicts.map(([, atMs]) => atMs)
    expect(times.slice(0, 4)).toEqual([8000, 24_000, 56_000, 120_000])
    expect(times.length).toBeLessThan(20)
  })

  it('is judged as at first once there was a result', () => {
    const stage = setStage()
    stage.speak('#'.repeat(600))
    stage.watchdog.heard(stage.now())
    stage.verdicts.length = 0
    stage.speak('#'.repeat(80))
    expect(stage.verdicts).toEqual([['silent', 68_000]])
  })

  it('is no engine that was just given a backlog of speech', () => {
    const stage = setStage()
    for (let ms = 0; ms < 30_000; ms += FRAME_MS) stage.watchdog.wrote(SPEECH, stage.now())
    stage.look()
    stage.speak('#'.repeat(70))
    expect(stage.verdicts).toEqual([])
    stage.speak('#'.repeat(10))
    expect(stage.verdicts).toEqual([['silent', 8000]])
  })

  it('is never one that may take as long as it likes', () => {
    const stage = setStage({ silentAfterMs: Infinity })
    stage.speak('#'.repeat(6000))
    expect(stage.verdicts).toEqual([])
  })
})

describe('stuck', () => {
  it('is an engine that takes nothing for 3 s of what waits for it', () => {
    const stage = setStage({ silentAfterMs: Infinity })
    stage.speak('#'.repeat(10))
    stage.speak('#'.repeat(40), () => (stage.bufferedMs += FRAME_MS))
    // A second until the backlog is more than a hiccup, then 3 s without a move.
    expect(stage.verdicts).toEqual([['stuck', 4000]])
  })

  it('is one that takes nothing although nothing more is said', () => {
    const stage = setStage({ silentAfterMs: Infinity })
    stage.bufferedMs = 5000
    for (let i = 0; i < 4; i++) {
      stage.pass(1000)
      stage.look()
    }
    expect(stage.verdicts).toHaveLength(1)
  })

  it.each([
    ['keeps a steady backlog', 1],
    ['falls ever more behind', 0.5],
  ])('is no engine that %s and yet takes what it can', (_what, rate) => {
    const stage = setStage({ silentAfterMs: Infinity })
    stage.bufferedMs = 4000
    stage.speak('#'.repeat(300), () => (stage.bufferedMs += FRAME_MS * (1 - rate)))
    expect(stage.verdicts).toEqual([])
  })

  it('is no engine that has little on its way', () => {
    const stage = setStage({ silentAfterMs: Infinity })
    stage.bufferedMs = 400
    for (let i = 0; i < 10; i++) {
      stage.pass(1000)
      stage.look()
    }
    expect(stage.verdicts).toEqual([])
  })
})

it('gives an engine its time anew after the computer slept', () => {
  const stage = setStage()
  stage.bufferedMs = 2000
  stage.speak('#'.repeat(20))
  stage.pass(3_600_000)
  stage.look()
  stage.speak('#'.repeat(20))
  expect(stage.verdicts).toEqual([])
})
