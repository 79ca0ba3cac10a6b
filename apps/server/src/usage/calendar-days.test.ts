import { expect, test } from 'vitest'
import { isTimeZone, latestDays } from './calendar-days.ts'

const starts = (now: string, timeZone: string, count: number): string[] =>
  latestDays(Date.parse(now), timeZone, count).map(
    ({ date, startMs }) => `${date} ${new Date(startMs).toISOString()}`,
  )

test('days are those of the time zone, today included', () => {
  expect(starts('2026-03-01T02:00:00Z', 'UTC', 2)).toEqual([
    '2026-02-28 2026-02-28T00:00:00.000Z',
    '2026-03-01 2026-03-01T00:00:00.000Z',
  ])
  expect(starts('2026-03-01T02:00:00Z', 'America/New_York', 2)).toEqual([
    '2026-02-27 2026-02-27T05:00:00.000Z',
    '2026-02-28 2026-02-28T05:00:00.000Z',
  ])
  expect(starts('2026-03-01T20:00:00Z', 'Pacific/Kiritimati', 1)).toEqual([
    '2026-03-02 2026-03-01T10:00:00.000Z',
  ])
  expect(starts('2026-03-01T20:00:00Z', 'Asia/Kathmandu', 1)).toEqual([
    '2026-03-02 2026-03-01T18:15:00.000Z',
  ])
})

test('the day of a change of the clocks has 23 or 25 hours', () => {
  const hours = (now: string): number[] => {
    const days = latestDays(Date.parse(now), 'Europe/Berlin', 4).map(({ startMs }) => startMs)
    return days.slice(1).map((startMs, i) => (startMs - (days[i] ?? 0)) / 3_600_000)
  }
  expect(hours('2026-03-30T12:00:00Z')).toEqual([24, 24, 23])
  expect(hours('2026-10-26T12:00:00Z')).toEqual([24, 24, 25])
})

test('a day without a midnight begins when its clocks do', () => {
  // In Cairo, 24 April 2026 begins at 01:00.
  expect(starts('2026-04-25T12:00:00Z', 'Africa/Cairo', 3)).toEqual([
    '2026-04-23 2026-04-22T22:00:00.000Z',
    '2026-04-24 2026-04-23T22:00:00.000Z',
    '2026-04-25 2026-04-24T21:00:00.000Z',
  ])
})

test.each(Intl.supportedValuesOf('timeZone'))('%s has thirty dates in a row', (timeZone) => {
  for (const now of ['2026-04-07T23:59:59.999Z', '2026-11-02T00:00:00Z']) {
    const days = latestDays(Date.parse(now), timeZone, 30)
    expect(new Set(days.map(({ date }) => date)).size).toBe(30)
    const hours = days.slice(1).map(({ startMs }, i) => (startMs - (days[i]?.startMs ?? 0)) / 3.6e6)
    // Antarctica/Troll changes its clocks by two hours.
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(22)
    expect(Math.max(...hours)).toBeLessThanOrEqual(26)
    expect(days.at(-1)?.startMs).toBeLessThanOrEqual(Date.parse(now))
  }
})

test.each(['Mars/Olympus', '', ' ', "UTC'; --"])('%j is not a time zone', (name) => {
  expect(isTimeZone(name)).toBe(false)
})
