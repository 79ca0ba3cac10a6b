import type { CustomAmounts, Offer } from './packages.ts'
import { offerOfAmount } from './packages.ts'

/**
 * Margins are counted in micro-dollars (10,000 to the cent), in which a provider's price per
 * minute, Stripe's percentage of a whole number of cents, and cents themselves are all whole.
 */
const MICROS_PER_CENT = 10_000

/** What selling audio costs. Whole numbers. */
export interface Costs {
  /** Price of speech to text, in micro-dollars per minute of audio. */
  readonly providerMicrosPerMinute: number
  /** Stripe's share of the price, in hundredths of a percent. */
  readonly feeBasisPoints: number
  /** Stripe's fixed part of the fee. */
  readonly feeCents: number
}

/** Deepgram Nova-3, streaming, one language, pay as you go: $0.0048 per minute (August 2026). */
export const NOVA_3_DOLLARS_PER_MINUTE = '0.0048'
/** Stripe's list price for domestic cards. */
export const STRIPE_FEE_PERCENT = '2.9'
export const STRIPE_FEE_CENTS = 30

/** @returns what is left of the price, in micro-dollars; costs are rounded up */
export function marginMicros(offer: Offer, costs: Costs): number {
  const priceMicros = offer.priceCents * MICROS_PER_CENT
  const feeMicros = offer.priceCents * costs.feeBasisPoints + costs.feeCents * MICROS_PER_CENT
  const providerMicros = Math.ceil((offer.audioMs * costs.providerMicrosPerMinute) / 60_000)
  return priceMicros - feeMicros - providerMicros
}

/** The offers whose margins bound those of all others: a chosen amount is worst at one of its ends. */
export function offersToJudge(packs: readonly Offer[], custom: CustomAmounts | undefined): Offer[] {
  if (!custom) return [...packs]
  const ends = [custom.minCents, custom.maxCents].map((cents) => offerOfAmount(custom, cents))
  return [...packs, ...ends]
}

/** One line for the log: `500 minutes for $3.99: margin +$1.17, 29.4 % of the price`. */
export function describeMargin(offer: Offer, costs: Costs): string {
  const micros = marginMicros(offer, costs)
  const priceMicros = offer.priceCents * MICROS_PER_CENT
  const percent = Math.abs((micros / priceMicros) * 100).toFixed(1)
  const margin = `${micros < 0 ? '−' : '+'}${toDollars(Math.abs(micros))}, ${percent} %`
  return `${offer.label} for ${toDollars(priceMicros)}: margin ${margin} of the price`
}

function toDollars(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(2)}`
}
