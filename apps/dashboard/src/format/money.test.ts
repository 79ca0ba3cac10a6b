import { expect, test } from 'vitest'
import { formatPrice, parseDollars } from './money.ts'

test('a price has cents only where there are some', () => {
  expect(formatPrice(500, 'usd')).toBe('$5')
  expect(formatPrice(1050, 'USD')).toBe('$10.50')
})

test.each([
  ['5', 500],
  [' $ 1.15 ', 115],
  ['0,07', 7],
  ['12.5', 1250],
])('"%s" is %i cents, exactly', (text, cents) => {
  expect(parseDollars(text)).toBe(cents)
})

test.each(['', '1.234', '-5', '1e3', 'five', '1.', '.5', '12345678'])(
  '"%s" is no amount',
  (text) => {
    expect(parseDollars(text)).toBeUndefined()
  },
)
