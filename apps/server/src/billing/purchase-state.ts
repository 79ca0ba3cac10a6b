import type { CreditPurchase } from '../generated/prisma/client.ts'
import type { DisputeFact, DisputeState, PaymentFact, PaymentOutcome } from './payment-facts.ts'

/** A row of credit_purchases. */
export type Purchase = CreditPurchase

/**
 * Facts arrive in any order, so learning one must commute with learning another: each field only
 * ever climbs. Money that arrived beats a report that it did not.
 */
const OUTCOME_RANK: Record<string, number> = {
  open: 0,
  pending: 0,
  expired: 1,
  failed: 2,
  paid: 3,
} satisfies Record<PaymentOutcome | 'open', number>
/** Among reports of the same second, which is as fine as Stripe's clock is. */
const DISPUTE_RANK: Record<string, number> = {
  open: 1,
  won: 2,
  lost: 3,
} satisfies Record<DisputeState, number>

/** The purchase as it stands once `fact` is known, too. Books are not its business. */
export function learn(purchase: Purchase, fact: PaymentFact, now: Date): Purchase {
  switch (fact.kind) {
    case 'checkout': {
      const known = {
        ...purchase,
        checkoutSessionId: fact.checkoutSessionId,
        paymentIntentId: fact.paymentIntentId ?? purchase.paymentIntentId,
      }
      if (rank(OUTCOME_RANK, fact.outcome) <= rank(OUTCOME_RANK, purchase.status)) return known
      return { ...known, status: fact.outcome, paidAt: fact.outcome === 'paid' ? now : null }
    }
    case 'refund': {
      const refundedCents = Math.max(purchase.refundedCents, fact.refundedCents)
      return { ...purchase, paymentIntentId: fact.paymentIntentId, refundedCents }
    }
    case 'dispute': {
      const known = { ...purchase, paymentIntentId: fact.paymentIntentId }
      if (!isDisputeNews(purchase, fact)) return known
      return { ...known, dispute: fact.state, disputeReportedAt: fact.reportedAt }
    }
  }
}

/** The latest report holds: a ruling may be appealed, and a payment disputed again. */
function isDisputeNews({ dispute, disputeReportedAt }: Purchase, fact: DisputeFact): boolean {
  const laterMs = fact.reportedAt.getTime() - (disputeReportedAt?.getTime() ?? 0)
  if (laterMs !== 0) return laterMs > 0
  return rank(DISPUTE_RANK, fact.state) > rank(DISPUTE_RANK, dispute)
}

function rank(ranks: Record<string, number>, state: string | null): number {
  return state === null ? 0 : (ranks[state] ?? 0)
}

/**
 * How much of the purchase's audio the buyer may not keep: all of it while a dispute is open and
 * after it was lost, otherwise the refunded share of the price, rounded in the buyer's favour.
 */
export function reversedMsOf({ audioMs, priceCents, refundedCents, dispute }: Purchase): bigint {
  if (dispute === 'open' || dispute === 'lost') return audioMs
  return (audioMs * BigInt(refundedCents)) / BigInt(priceCents)
}

/** Why a fact cannot be about this purchase; undefined where it can. */
export function findMismatch(
  purchase: Purchase,
  fact: PaymentFact,
  isLive: boolean,
): string | undefined {
  if (fact.kind === 'refund' && fact.refundedCents > purchase.priceCents) {
    return 'more was refunded than was paid'
  }
  if (fact.kind !== 'checkout') {
    const { paymentIntentId } = purchase
    const isOther = paymentIntentId !== null && paymentIntentId !== fact.paymentIntentId
    return isOther ? 'another payment' : undefined
  }
  const { checkoutSessionId } = purchase
  if (checkoutSessionId !== null && checkoutSessionId !== fact.checkoutSessionId) {
    return 'another checkout session'
  }
  if (fact.amountCents !== purchase.priceCents) return 'another amount'
  if (fact.currency !== purchase.currency) return 'another currency'
  if (fact.isLive !== isLive) return 'test and live mode mixed up'
  return undefined
}
