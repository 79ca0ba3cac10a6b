import { z } from 'zod'

/** Everything is sold in this currency: provider cost and margins are told in it, too. */
export const CURRENCY = 'usd'

/** A pack of audio with a price. */
export const creditPackageSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9_]{1,40}$/, 'must be of a-z, 0-9 and _'),
  label: z.string().min(1).max(80),
  /** Of audio. Up to 1,000 hours. */
  seconds: z.int().min(60).max(3_600_000),
  /** Stripe takes no less than 50 ¢. */
  price_cents: z.int().min(50).max(99_999_999),
})
export type CreditPackage = z.infer<typeof creditPackageSchema>

/**
 * The packs of a server that names none of its own. Prices clear what the dearest of Deepgram's
 * streaming models costs (0.59 ¢/min) and Stripe's fee; a test proves it.
 */
export const defaultPackages: readonly CreditPackage[] = [
  { id: 'pack_500', label: '500 minutes', seconds: 30_000, price_cents: 399 },
  { id: 'pack_1200', label: '1200 minutes', seconds: 72_000, price_cents: 849 },
  { id: 'pack_3000', label: '3000 minutes', seconds: 180_000, price_cents: 1899 },
]

/** Amounts that a buyer chooses, bounds included. Stripe's fixed fee eats the margin of very small ones. */
export interface CustomAmounts {
  readonly secondsPerDollar: number
  readonly minCents: number
  readonly maxCents: number
}
export const CUSTOM_MIN_CENTS = 500
export const CUSTOM_MAX_CENTS = 20_000
const CUSTOM_PACKAGE_ID = 'custom'

/** What is sold, as it is written down when somebody sets out to buy it. */
export interface Offer {
  readonly packageId: string
  readonly label: string
  readonly audioMs: number
  readonly priceCents: number
}

/** A pack as it is offered to one buyer. */
export function offerOfPackage(pack: CreditPackage): Offer {
  const { id, label, seconds, price_cents } = pack
  return { packageId: id, label, audioMs: seconds * 1000, priceCents: price_cents }
}

/** Exact: a cent buys `secondsPerDollar` × 10 ms. */
export function offerOfAmount({ secondsPerDollar }: CustomAmounts, priceCents: number): Offer {
  const audioMs = priceCents * secondsPerDollar * 10
  const label = `${Math.floor(audioMs / 60_000)} minutes`
  return { packageId: CUSTOM_PACKAGE_ID, label, audioMs, priceCents }
}
