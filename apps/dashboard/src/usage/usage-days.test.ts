import { expect, test } from 'vitest'
import { daysInUse } from './usage-days.ts'

test('a day is in use by a session that began on it, or that went on from the day before', () => {
  const day = { seconds_used: 0, used_ms: 0, sessions: 0 }
  const began = { ...day, date: '2026-08-01', sessions: 1 }
  const wentOn = { ...day, date: '2026-08-02', used_ms: 600_000, seconds_used: 600 }
  const quiet = { ...day, date: '2026-08-03' }
  expect(daysInUse([began, wentOn, quiet])).toEqual([began, wentOn])
})
