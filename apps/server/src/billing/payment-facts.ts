import { z } from 'zod'

/** How a Checkout Session stands. `pending`: not paid yet, though perhaps promised (bank debit). */
export type PaymentOutcome = 'pending' | 'paid' | 'failed' | 'expired'

/** What Stripe says of one Checkout Session. */
export interface CheckoutFact {
  readonly kind: 'checkout'
  /** `cs_…` */
  readonly checkoutSessionId: string
  /** What we wrote into its metadata; undefined: not a session of this server. */
  readonly purchaseId: string | undefined
  readonly paymentIntentId: string | undefined
  readonly outcome: PaymentOutcome
  readonly amountCents: number
  readonly currency: string
  readonly isLive: boolean
}

/** How much of a payment has been given back, in total, as of this report. */
export interface RefundFact {
  readonly kind: 'refund'
  readonly paymentIntentId: string
  readonly refundedCents: number
}

/** How the buyer's bank has ruled, or `open` while it has not, or its ruling is appealed. */
export type DisputeState = 'open' | 'won' | 'lost'
export interface DisputeFact {
  readonly kind: 'dispute'
  readonly paymentIntentId: string
  readonly state: DisputeState
  readonly reportedAt: Date
}

/** A fact that changes a purchase. It says how things stand, not what to do about it. */
export type PaymentFact = CheckoutFact | RefundFact | DisputeFact

/** A verified event. */
export interface PaymentEvent {
  /** `evt_…` */
  readonly id: string
  readonly type: string
  /** Undefined: an event that changes nothing here. */
  readonly fact: PaymentFact | undefined
  /** For the log: why a payment was refused. */
  readonly declined?: { readonly paymentIntentId: string; readonly reason: string }
}

const stripeId = z.string().regex(/^\w{1,255}$/)
const cents = z.int().nonnegative()
/**
 * What holds of every event that Stripe writes. Its signature says who has sent it, not that it is
 * one of the version that this program knows.
 */
export const paymentEventSchema = z.object({
  id: stripeId,
  type: z.string().regex(/^[\w.]{1,100}$/),
  fact: z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('checkout'),
        checkoutSessionId: stripeId,
        purchaseId: z.string().optional(),
        paymentIntentId: stripeId.optional(),
        amountCents: cents,
        currency: z.string().regex(/^[a-z]{0,10}$/i),
        isLive: z.boolean(),
      }),
      z.object({ kind: z.literal('refund'), paymentIntentId: stripeId, refundedCents: cents }),
      z.object({ kind: z.literal('dispute'), paymentIntentId: stripeId, reportedAt: z.date() }),
    ])
    .optional(),
})
