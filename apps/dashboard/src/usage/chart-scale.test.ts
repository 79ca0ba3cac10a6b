import { expect, test } from 'vitest'
import { gridLines } from './chart-scale.ts'

const MINUTE_MS = 60_000

test.each([0, 1, 59_999, 60_000, 240_001, 3_600_000, 14_400_001, 86_400_000, 172_800_000])(
  'a bar of %i ms fits, between at most five lines that start at 0',
  (ms) => {
    const lines = gridLines(ms)
    expect(lines[0]).toBe(0)
    expect(lines.length).toBeLessThanOrEqual(5)
    expect(lines.at(-1)).toBeGreaterThanOrEqual(Math.max(ms, MINUTE_MS))
    expect(new Set(lines.slice(1).map((line, i) => line - (lines[i] ?? 0))).size).toBe(1)
  },
)

test('the lines stand at round times', () => {
  expect(gridLines(140 * MINUTE_MS).map((ms) => ms / MINUTE_MS)).toEqual([0, 60, 120, 180])
})
