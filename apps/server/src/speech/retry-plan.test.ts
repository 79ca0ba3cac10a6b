import { expect, test } from 'vitest'
import { createRetryPlan } from './retry-plan.ts'

/** All attempts of one outage in which each fails at once. */
function attempts(random: number, retryAfterMs?: number): number[] {
  const plan = createRetryPlan(15_000, () => random)
  const atMs: number[] = []
  for (let nowMs = 0; ;) {
    const next = plan.next(nowMs, retryAfterMs)
    if (!next) return atMs
    nowMs += next.delayMs
    atMs.push(nowMs)
    expect(next.leftMs).toBe(15_000 - nowMs)
  }
}

test('the first attempt comes at once, the others at growing distances, all within the bound', () => {
  expect(attempts(0).slice(0, 5)).toEqual([0, 250, 750, 1750, 3750])
  expect(attempts(0.999).slice(0, 2).map(Math.round)).toEqual([250, 750])
  expect(attempts(0).at(-1)).toBeLessThanOrEqual(14_500)
  expect(attempts(0).length).toBeLessThan(15)
})

test('a wait that was asked for is kept to, and one beyond the bound is not begun', () => {
  expect(attempts(0.5, 5000)).toEqual([5000, 10_000])
  expect(attempts(0.5, 20_000)).toEqual([])
})

test('a success gives the next outage all its time', () => {
  const plan = createRetryPlan(1000, () => 0)
  plan.next(0)
  plan.succeeded()
  expect(plan.next(60_000)).toEqual({ delayMs: 0, leftMs: 1000 })
})
