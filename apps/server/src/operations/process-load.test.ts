import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createProcessLoad } from './process-load.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A process that works for so much of each second. */
function startLoad() {
  let worked = 0
  const load = createProcessLoad((now, before) => ({
    idle: 0,
    active: worked,
    utilization: (now?.active ?? 0) - (before?.active ?? 0),
  }))
  const spend = (seconds: number, share: number): number => {
    for (let second = 0; second < seconds; second++) {
      worked += share
      vi.advanceTimersByTime(1000)
    }
    return load.share
  }
  return { load, spend }
}

test('follows what lasts within seconds, and forgives a burst', () => {
  const { spend } = startLoad()
  expect(spend(5, 0.2)).toBeCloseTo(0.2, 1)
  expect(spend(1, 1)).toBeLessThan(0.6)
  expect(spend(4, 1)).toBeGreaterThan(0.9)
  expect(spend(4, 0)).toBeLessThan(0.2)
})

test('stays between 0 and 1, and stands still when it has stopped', () => {
  const { load, spend } = startLoad()
  expect(load.share).toBe(0)
  const share = spend(60, 1)
  expect(share).toBeLessThanOrEqual(1)
  load.stop()
  expect(spend(9, 0)).toBe(share)
})

test('is Node’s own measure by default', async () => {
  vi.useRealTimers()
  const load = createProcessLoad()
  await vi.waitFor(
    () => {
      const until = performance.now() + 200
      while (performance.now() < until);
      expect(load.share).toBeGreaterThan(0.1)
    },
    { timeout: 10_000, interval: 10 },
  )
  load.stop()
})
