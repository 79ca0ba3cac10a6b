import { expect, test } from 'vitest'
import { formatClock, formatDuration, splitBalance } from './duration.ts'

test.each([
  [0, '0 sec'],
  [999, '0 sec'],
  [59_999, '59 sec'],
  [60_000, '1 min'],
  [65_000, '1 min 5 sec'],
  [3_599_999, '59 min 59 sec'],
  [3_600_000, '1 hr'],
  [3_665_000, '1 hr 1 min'],
])('%i ms is never shown as more than it is: %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  [0, '0:00'],
  [7999, '0:07'],
  [725_000, '12:05'],
  [3_723_000, '1:02:03'],
])('a running clock at %i ms reads %s', (ms, text) => {
  expect(formatClock(ms)).toBe(text)
})

test('a balance counts in minutes however many there are, and rounds down', () => {
  expect(splitBalance(180_000_000 - 1)).toEqual({ minutes: '2,999', seconds: '59' })
  expect(splitBalance(0)).toEqual({ minutes: '0', seconds: '00' })
})
