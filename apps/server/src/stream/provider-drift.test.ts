import { expect, test } from 'vitest'
import { warnOfDrift } from './provider-drift.ts'

function warnings(receiptMs: number, replayCostMs: number, usedMs: number): object[] {
  const said: object[] = []
  const log = { warn: (figures: object) => said.push(figures) }
  const receipt = { audioMs: receiptMs, requestId: null }
  warnOfDrift(log as never, { receipt, replayCostMs }, usedMs)
  return said
}

test('audio that was sent twice because a backend was lost is no drift', () => {
  expect(warnings(67_000, 7000, 60_000)).toEqual([])
})

test('a count that differs by more than a quarter of a second is', () => {
  expect(warnings(60_250, 0, 60_000)).toEqual([])
  expect(warnings(60_400, 0, 60_000)).toMatchObject([{ drift_ms: 400 }])
  expect(warnings(60_000, 7000, 60_000)).toMatchObject([{ drift_ms: -7000 }])
})
