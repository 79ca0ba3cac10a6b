import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryAfterMs } from './keep-session.ts'

test('the pause between attempts grows from half a second', () => {
  expect([0, 1, 2, 3, 4].map((failures) => retryAfterMs(failures, 1))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000,
  ])
})

test('the pause is never longer than 15 s, and is spread over its last quarter', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const pauseMs = retryAfterMs(failures, random)
      expect(pauseMs).toBeLessThanOrEqual(15_000)
      expect(pauseMs).toBeGreaterThanOrEqual(retryAfterMs(failures, 1) * 0.75)
    }),
  )
})
