import { randomBytes } from 'node:crypto'

/** An object as Stripe sends it; only what is used is filled in. */
export type StripeObject = Record<string, unknown>

export interface FakeEvent {
  readonly id: string
  readonly object: 'event'
  readonly type: string
  readonly livemode: boolean
  readonly created: number
  readonly data: { readonly object: StripeObject }
}

/** One checkout from its page to its last dispute. */
export interface FakeSession {
  readonly id: string
  readonly url: string
  readonly amountCents: number
  readonly currency: string
  readonly customer: string
  readonly clientReferenceId: string
  readonly label: string
  readonly metadata: Record<string, string>
  readonly intentMetadata: Record<string, string>
  readonly successUrl: string
  readonly cancelUrl: string
  status: 'open' | 'complete' | 'expired'
  paymentStatus: 'unpaid' | 'paid'
  paymentIntentId: string | null
  refundedCents: number
  disputeStatus: string | null
}

export const newStripeId = (prefix: string): string =>
  `${prefix}_${randomBytes(12).toString('hex')}`

export function sessionObject(session: FakeSession): StripeObject {
  return {
    id: session.id,
    object: 'checkout.session',
    mode: 'payment',
    livemode: false,
    amount_total: session.amountCents,
    currency: session.currency,
    customer: session.customer,
    client_reference_id: session.clientReferenceId,
    metadata: session.metadata,
    status: session.status,
    payment_status: session.paymentStatus,
    payment_intent: session.paymentIntentId,
    url: session.status === 'open' ? session.url : null,
  }
}

export function intentObject(session: FakeSession): StripeObject {
  return {
    id: session.paymentIntentId,
    object: 'payment_intent',
    amount: session.amountCents,
    currency: session.currency,
    metadata: session.intentMetadata,
  }
}

/** The charge of a paid session, as refunds report it. */
export function chargeObject(session: FakeSession): StripeObject {
  return {
    id: `ch_${session.id.slice(3)}`,
    object: 'charge',
    amount: session.amountCents,
    amount_refunded: session.refundedCents,
    currency: session.currency,
    refunded: session.refundedCents === session.amountCents,
    payment_intent: session.paymentIntentId,
    metadata: session.intentMetadata,
  }
}

export function disputeObject(session: FakeSession): StripeObject {
  return {
    id: `du_${session.id.slice(3)}`,
    object: 'dispute',
    amount: session.amountCents,
    charge: `ch_${session.id.slice(3)}`,
    payment_intent: session.paymentIntentId,
    status: session.disputeStatus,
    balance_transactions: [],
    metadata: {},
  }
}

export function toEvent(type: string, object: StripeObject): FakeEvent {
  return {
    id: newStripeId('evt'),
    object: 'event',
    type,
    livemode: false,
    created: Math.floor(Date.now() / 1000),
    // Events tell how things stood: what happens later must not show in them.
    data: { object: structuredClone(object) },
  }
}
