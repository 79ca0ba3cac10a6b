// The one place that knows how Stripe says things. Of Stripe it imports types only.
import type { Stripe } from 'stripe'
import { idSchema } from '../ids.ts'
import type { CheckoutFact, DisputeState, PaymentEvent, PaymentFact } from './payment-facts.ts'

/** More than the database takes is more than anything here costs: of another program's sale. */
const CENTS_MAX = 2 ** 31 - 1

/** What a verified event says; `fact` is undefined for events that change nothing here. */
export function toPaymentEvent(event: Stripe.Event): PaymentEvent {
  const { id, type } = event
  if (event.type === 'payment_intent.payment_failed') {
    const { id: paymentIntentId, last_payment_error: error } = event.data.object
    const reason = error?.decline_code ?? error?.code ?? 'unknown'
    return { id, type, fact: undefined, declined: { paymentIntentId, reason } }
  }
  return { id, type, fact: toFact(event) }
}

function toFact(event: Stripe.Event): PaymentFact | undefined {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return toCheckoutFact(event.data.object)
    case 'checkout.session.async_payment_failed':
      return { ...toCheckoutFact(event.data.object), outcome: 'failed' }
    case 'charge.refunded': {
      const { payment_intent: intent, amount_refunded: amount } = event.data.object
      const refundedCents = Math.min(amount, CENTS_MAX)
      const paymentIntentId = idOf(intent)
      return paymentIntentId ? { kind: 'refund', paymentIntentId, refundedCents } : undefined
    }
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.closed':
      return toDisputeFact(event.data.object, event.created)
    default:
      return undefined
  }
}

/** How a Checkout Session stands, by its own word. */
export function toCheckoutFact(session: Stripe.Checkout.Session): CheckoutFact {
  return {
    kind: 'checkout',
    checkoutSessionId: session.id,
    // Another program of this account may have written something else there.
    purchaseId: idSchema.safeParse(session.metadata?.['purchase_id']).data,
    paymentIntentId: idOf(session.payment_intent),
    // A delayed method (bank debit) completes the session unpaid: what counts is payment_status.
    outcome:
      session.payment_status === 'paid'
        ? 'paid'
        : session.status === 'expired'
          ? 'expired'
          : 'pending',
    amountCents: session.amount_total ?? 0,
    currency: session.currency ?? '',
    isLive: session.livemode,
  }
}

/** @param createdS when the event came about; epoch, in seconds */
function toDisputeFact(dispute: Stripe.Dispute, createdS: number): PaymentFact | undefined {
  const paymentIntentId = idOf(dispute.payment_intent)
  const state = toDisputeState(dispute)
  if (!paymentIntentId || !state) return undefined
  return { kind: 'dispute', paymentIntentId, state, reportedAt: new Date(createdS * 1000) }
}

/** Undefined: only an inquiry (`warning_…`), for which no money has been taken. */
function toDisputeState(dispute: Stripe.Dispute): DisputeState | undefined {
  const { status, balance_transactions: moves } = dispute
  if (status.startsWith('warning')) return undefined
  if (status === 'won') return 'won'
  if (status === 'lost') return 'lost'
  // Settled before it was filed: with the seller's money, or without.
  if (status === 'prevented') {
    return moves.reduce((sum, { amount }) => sum + amount, 0) < 0 ? 'lost' : 'won'
  }
  return 'open'
}

/** Stripe names an object by its id, or spells it out where that was asked for. */
function idOf(reference: string | { readonly id: string } | null): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id
}
