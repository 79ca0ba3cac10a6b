import type { FakeEvent, FakeSession, StripeObject } from './fake-stripe-state.ts'
import {
  chargeObject,
  disputeObject,
  intentObject,
  newStripeId,
  sessionObject,
  toEvent,
} from './fake-stripe-state.ts'

/** What buyers, their banks and the seller do. Each returns the events that Stripe makes of it. */
export interface FakeStripeActions {
  /** By card: paid at once. By bank debit: promised; settleBank() tells the rest. */
  pay(checkout: string, method?: 'card' | 'bank'): FakeEvent[]
  settleBank(checkout: string, outcome: 'succeeded' | 'failed'): FakeEvent[]
  /** A declined card: the page stays open. */
  decline(checkout: string): FakeEvent[]
  expire(checkout: string): FakeEvent[]
  /** @param cents of the price; default: what is left of it */
  refund(checkout: string, cents?: number): FakeEvent[]
  dispute(checkout: string): FakeEvent[]
  closeDispute(checkout: string, ruling: 'won' | 'lost'): FakeEvent[]
}

/**
 * @param find takes the id or the page's address of a session
 * @param emit hears of every event, in order
 */
export function createFakeStripeActions(
  find: (checkout: string) => FakeSession,
  emit: (event: FakeEvent) => void,
): FakeStripeActions {
  function report(type: string, object: StripeObject): FakeEvent[] {
    const event = toEvent(type, object)
    emit(event)
    return [event]
  }
  const ofOpen = (checkout: string): FakeSession => {
    const session = find(checkout)
    if (session.status !== 'open') throw new Error(`${session.id} is ${session.status}`)
    return session
  }

  return {
    pay(checkout, method = 'card') {
      const session = ofOpen(checkout)
      session.status = 'complete'
      session.paymentStatus = method === 'card' ? 'paid' : 'unpaid'
      session.paymentIntentId ??= newStripeId('pi')
      return report('checkout.session.completed', sessionObject(session))
    },
    settleBank(checkout, outcome) {
      const session = find(checkout)
      if (outcome === 'succeeded') session.paymentStatus = 'paid'
      return report(`checkout.session.async_payment_${outcome}`, sessionObject(session))
    },
    decline(checkout) {
      const session = ofOpen(checkout)
      session.paymentIntentId ??= newStripeId('pi')
      const error = { code: 'card_declined', decline_code: 'insufficient_funds' }
      const object = { ...intentObject(session), last_payment_error: error }
      return report('payment_intent.payment_failed', object)
    },
    expire(checkout) {
      const session = ofOpen(checkout)
      session.status = 'expired'
      return report('checkout.session.expired', sessionObject(session))
    },
    refund(checkout, cents) {
      const session = find(checkout)
      session.refundedCents += cents ?? session.amountCents - session.refundedCents
      return report('charge.refunded', chargeObject(session))
    },
    dispute(checkout) {
      const session = find(checkout)
      session.disputeStatus = 'needs_response'
      return report('charge.dispute.created', disputeObject(session))
    },
    closeDispute(checkout, ruling) {
      const session = find(checkout)
      session.disputeStatus = ruling
      return report('charge.dispute.closed', disputeObject(session))
    },
  }
}
