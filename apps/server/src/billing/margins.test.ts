import { expect, test } from 'vitest'
import type { Costs } from './margins.ts'
import { describeMargin, marginMicros, offersToJudge } from './margins.ts'
import { defaultPackages, offerOfAmount, offerOfPackage } from './packages.ts'

const costs: Costs = { providerMicrosPerMinute: 4800, feeBasisPoints: 290, feeCents: 30 }
const custom = { secondsPerDollar: 7500, minCents: 500, maxCents: 20_000 }
const pack = (minutes: number, priceCents: number) =>
  offerOfPackage({
    id: 'p',
    label: `${minutes} minutes`,
    seconds: minutes * 60,
    price_cents: priceCents,
  })

test.each(defaultPackages)(
  '$id clears provider cost and Stripe’s fee by a tenth of its price',
  (it) => {
    const offer = offerOfPackage(it)
    expect(marginMicros(offer, costs)).toBeGreaterThan(offer.priceCents * 1000)
  },
)

test.each(defaultPackages)('$id does so at a loss on none of Deepgram’s streaming models', (it) => {
  const dearest = { ...costs, providerMicrosPerMinute: 5900 }
  expect(marginMicros(offerOfPackage(it), dearest)).toBeGreaterThan(0)
})

test.each([
  [500, 300, 213_000],
  [1200, 600, -234_000],
  [3000, 1200, -3_048_000],
])('%i minutes at %i ¢ leave %i micro-dollars, exactly', (minutes, cents, micros) => {
  expect(marginMicros(pack(minutes, cents), costs)).toBe(micros)
})

test('a part of a micro-dollar of cost counts as a whole one', () => {
  const offer = { packageId: 'p', label: 'p', audioMs: 1, priceCents: 1 }
  const free = { providerMicrosPerMinute: 0, feeBasisPoints: 0, feeCents: 0 }
  expect(marginMicros(offer, free)).toBe(10_000)
  expect(marginMicros(offer, { ...free, providerMicrosPerMinute: 1 })).toBe(9999)
})

test('a chosen amount is judged at both of its ends: none between is worse', () => {
  const ends = offersToJudge([], custom).map((offer) => marginMicros(offer, costs))
  for (let cents = custom.minCents; cents <= custom.maxCents; cents += 7) {
    const margin = marginMicros(offerOfAmount(custom, cents), costs)
    expect(margin).toBeGreaterThanOrEqual(Math.min(...ends))
  }
})

test('a chosen amount buys audio to the millisecond', () => {
  expect(offerOfAmount({ ...custom, secondsPerDollar: 1001 }, 501).audioMs).toBe(5_015_010)
})

test('the log tells gain and loss apart', () => {
  expect(describeMargin(pack(500, 399), costs)).toBe(
    '500 minutes for $3.99: margin +$1.17, 29.4 % of the price',
  )
  expect(describeMargin(pack(1200, 600), costs)).toContain('margin −$0.23, 3.9 %')
})
