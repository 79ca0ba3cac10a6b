import { expect, test } from 'vitest'
import { daysInUse, describeDay, summarize } from './usage-days.ts'

const day = { seconds_used: 0, used_ms: 0, sessions: 0 }
const began = { ...day, date: '2026-08-01', sessions: 1 }
const wentOn = { ...day, date: '2026-08-02', used_ms: 600_000, seconds_used: 600 }
const quiet = { ...day, date: '2026-08-03' }

test('a day is in use by a session that began on it, or that went on from the day before', () => {
  expect(daysInUse([began, wentOn, quiet])).toEqual([began, wentOn])
})

test('what a session used after midnight is told, though it began on the day before', () => {
  expect([wentOn, quiet].map(describeDay)).toEqual(['10 min', 'nothing'])
  expect(summarize([wentOn, quiet])).toBe('10 min used.')
  expect(summarize([began, wentOn])).toBe('10 min used in 1 session.')
  expect(summarize([quiet])).toBe('Nothing used so far.')
})
