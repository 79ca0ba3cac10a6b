import { expect, test } from 'vitest'
import type { PaymentFact } from './payment-facts.ts'
import { createStripeGateway } from './stripe-gateway.ts'
import { signEvent } from './testing/fake-stripe-delivery.ts'
import type { StripeObject } from './testing/fake-stripe-state.ts'
import { toEvent } from './testing/fake-stripe-state.ts'

const secret = 'whsec_test'
const keys = { secretKey: 'sk_test_1', webhookSecrets: [secret], apiUrl: undefined }
const gateway = createStripeGateway(keys)

/** What the gateway reads out of an event, which it verifies and parses with Stripe's library. */
function factOf(type: string, object: StripeObject): PaymentFact | undefined {
  const body = JSON.stringify(toEvent(type, object))
  return gateway.readEvent(Buffer.from(body), signEvent(body, secret)).fact
}

const withdrawn = { object: 'balance_transaction', amount: -399 }
const reinstated = { object: 'balance_transaction', amount: 399 }

test.each([
  ['warning_needs_response', [], undefined],
  ['warning_under_review', [], undefined],
  ['warning_closed', [], undefined],
  ['needs_response', [withdrawn], 'open'],
  ['under_review', [withdrawn], 'open'],
  ['won', [withdrawn, reinstated], 'won'],
  ['lost', [withdrawn], 'lost'],
  ['appeal_needs_response', [withdrawn], 'open'],
  ['appeal_under_review', [withdrawn], 'open'],
  ['prevented', [], 'won'],
  ['prevented', [withdrawn], 'lost'],
  ['prevented', [withdrawn, reinstated], 'won'],
])('a dispute that is %s, with %j, is %s', (status, balance_transactions, state) => {
  const dispute = { object: 'dispute', payment_intent: 'pi_1', status, balance_transactions }
  const fact = factOf('charge.dispute.updated', dispute)
  expect(fact?.kind === 'dispute' ? fact.state : fact).toBe(state)
})

test.each([
  ['pi_1', 'pi_1'],
  [{ id: 'pi_1', object: 'payment_intent' }, 'pi_1'],
  [null, undefined],
])('a payment that is named as %j is %s', (payment_intent, id) => {
  const charge = { object: 'charge', payment_intent, amount: 399, amount_refunded: 100 }
  const fact = factOf('charge.refunded', charge)
  expect(fact?.kind === 'refund' ? fact.paymentIntentId : fact).toBe(id)
})
