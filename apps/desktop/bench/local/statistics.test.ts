import { expect, test } from 'vitest'
import { quantile, separation } from './statistics.ts'

test('a quantile lies between two values where it falls there', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8)
  expect(quantile([7], 0.95)).toBe(7)
  expect(quantile([], 0.5)).toBeUndefined()
})

test('separation is 1 where all are told apart, 0.5 where nothing is, ties count half', () => {
  expect(separation([3, 4], [1, 2])).toBe(1)
  expect(separation([1, 2], [3, 4])).toBe(0)
  expect(separation([1, 2], [1, 2])).toBe(0.5)
  expect(separation([1], [])).toBeUndefined()
})
