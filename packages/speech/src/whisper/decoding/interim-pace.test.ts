import { describe, expect, it } from 'vitest'
import { createInterimPace } from './interim-pace.ts'

/** A pace whose clock moves by hand. */
function setUp() {
  let nowMs = 10_000
  const pace = createInterimPace(() => nowMs)
  return {
    pace,
    wait: (ms: number) => (nowMs += ms),
    /** An interim after so much audio that takes so long. */
    decode(heardMs: number, tookMs: number) {
      pace.begin(heardMs)
      nowMs += tookMs
      pace.end()
    },
  }
}

describe('the pace of interims', () => {
  it('lets the first one begin at once', () => {
    expect(setUp().pace.isDue(0)).toBe(true)
  })

  it('asks for no two within 450 ms of audio, however cheap they are', () => {
    const { pace, decode, wait } = setUp()
    decode(1000, 1)
    wait(5000)
    expect(pace.isDue(1449)).toBe(false)
    expect(pace.isDue(1450)).toBe(true)
  })

  it('leaves the decoder free for more than half of the time, however dear they are', () => {
    const { pace, decode, wait } = setUp()
    decode(1000, 1000)
    wait(1999)
    expect(pace.isDue(4000)).toBe(false)
    wait(1)
    expect(pace.isDue(4000)).toBe(true)
  })

  it('follows a computer that becomes less busy', () => {
    const { pace, decode, wait } = setUp()
    decode(1000, 2000)
    wait(4000)
    decode(6200, 100)
    wait(200)
    expect(pace.isDue(6650)).toBe(true)
  })

  it('goes on after an interim that gave way to a final', () => {
    const { pace, wait } = setUp()
    pace.begin(1000)
    wait(450)
    expect(pace.isDue(1450)).toBe(true)
  })
})
