import { expect, test } from 'vitest'
import { createCreditWarnings } from './credit-warnings.ts'

const seconds = (warnings: ReturnType<typeof createCreditWarnings>, left: readonly number[]) =>
  left.map((s) => warnings.update(s * 1000))

test('each threshold warns once when it is crossed', () => {
  const warnings = createCreditWarnings([300, 60])
  expect(seconds(warnings, [400, 301, 300, 299, 61, 59.9, 30, 0])).toEqual([
    undefined,
    undefined,
    300,
    undefined,
    undefined,
    59,
    undefined,
    undefined,
  ])
})

test('a top-up above a threshold arms it again, and only it', () => {
  const warnings = createCreditWarnings([300, 60])
  expect(seconds(warnings, [50, 200, 55, 400, 290])).toEqual([50, undefined, 55, undefined, 290])
})

test('beginning below a threshold warns, crossing two at once warns once', () => {
  expect(createCreditWarnings([300, 60]).update(20_400)).toBe(20)
  expect(seconds(createCreditWarnings([300, 60]), [600, 10, 9])).toEqual([undefined, 10, undefined])
})
