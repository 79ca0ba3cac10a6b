import { describe, expect, it } from 'vitest'
import { createCatchUp } from './catch-up.ts'

describe('catching up', () => {
  it('drops nothing while finals come on time', () => {
    const catchUp = createCatchUp()
    for (const [at, lagMs] of [0, 800, 2700, 4900, 0].entries()) {
      expect(catchUp.observe(lagMs, at * 1000)).toBe('full')
    }
  })

  it('gives up all but finals from the limit on, and for as long as it is late', () => {
    const catchUp = createCatchUp()
    expect([4900, 5000, 4100, 60_000].map((lagMs) => catchUp.observe(lagMs, lagMs))).toEqual([
      'full',
      'finals-only',
      'finals-only',
      'finals-only',
    ])
  })

  it('takes everything up after five seconds on time without a break', () => {
    const catchUp = createCatchUp()
    catchUp.observe(8000, 0)
    expect(catchUp.observe(0, 1000)).toBe('finals-only')
    // Late again for a moment.
    expect(catchUp.observe(4000, 5500)).toBe('finals-only')
    expect(catchUp.observe(3900, 6500)).toBe('finals-only')
    expect(catchUp.observe(0, 11_499)).toBe('finals-only')
    expect(catchUp.observe(0, 11_500)).toBe('full')
  })

  it('waits longer each time where it falls behind again at once, up to a minute', () => {
    const catchUp = createCatchUp()
    let nowMs = 0
    const calmsMs = Array.from({ length: 6 }, () => {
      catchUp.observe(6000, nowMs)
      const sinceMs = nowMs
      while (catchUp.observe(0, nowMs) !== 'full') nowMs += 1000
      return nowMs - sinceMs
    })
    expect(calmsMs).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000])
    nowMs += 60_000
    catchUp.observe(6000, nowMs)
    catchUp.observe(0, nowMs)
    expect(catchUp.observe(0, nowMs + 5000)).toBe('full')
  })
})
