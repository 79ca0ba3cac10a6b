import { Stripe } from 'stripe'
import { AppError } from '../app-error.ts'
import type { CheckoutFact, PaymentEvent } from './payment-facts.ts'
import { toCheckoutFact, toPaymentEvent } from './stripe-facts.ts'
import type { StripeKeys } from './selling-env.ts'

/** All that Saywire asks of Stripe. The only file that calls its library. */
export interface StripeGateway {
  /** Whether payments are real, judged by the key. */
  readonly isLive: boolean
  /**
   * @returns `cus_…`; asked again for the same user within a day, the same one
   * @throws AppError `unavailable`
   */
  createCustomer(user: { readonly id: string; readonly email: string }): Promise<string>
  /** @throws AppError `unavailable` */
  createCheckout(order: CheckoutOrder): Promise<{ readonly id: string; readonly url: string }>
  /** @throws AppError `unavailable`, `not_found` */
  findCheckout(checkoutSessionId: string): Promise<CheckoutFact>
  /**
   * @returns our id of the purchase that this payment is for; undefined: it is none of ours
   * @throws AppError `unavailable`
   */
  findPurchaseId(paymentIntentId: string): Promise<string | undefined>
  /**
   * @param body as it was received, byte for byte
   * @throws AppError `bad_request` where the signature is not Stripe's, or older than 5 minutes
   */
  readEvent(body: Buffer, signature: string | undefined): PaymentEvent
}

export interface CheckoutOrder {
  /** Also the idempotency key: one purchase never gets two sessions. */
  readonly purchaseId: string
  readonly userId: string
  readonly customerId: string
  readonly packageId: string
  readonly label: string
  readonly priceCents: number
  readonly currency: string
  readonly successUrl: string
  readonly cancelUrl: string
}

/** A buyer waits for these calls: a silent Stripe must cost seconds. */
const TIMEOUT_MS = 8000
const RETRIES_MAX = 2

export function createStripeGateway(keys: StripeKeys): StripeGateway {
  const stripe = new Stripe(keys.secretKey, {
    timeout: TIMEOUT_MS,
    maxNetworkRetries: RETRIES_MAX,
    telemetry: false,
    ...(keys.apiUrl ? toAddress(keys.apiUrl) : {}),
  })

  return {
    isLive: /^.._live_/.test(keys.secretKey),

    async createCustomer({ id, email }) {
      const customer = await ask(async () =>
        stripe.customers.create(
          { email, metadata: { user_id: id } },
          { idempotencyKey: `customer:${id}` },
        ),
      )
      return customer.id
    },

    async createCheckout(order) {
      const { purchaseId, userId, packageId } = order
      // On both objects: what happens later (refunds, disputes) leads to the payment intent only.
      const metadata = { user_id: userId, package_id: packageId, purchase_id: purchaseId }
      const session = await ask(async () =>
        stripe.checkout.sessions.create(
          {
            mode: 'payment',
            customer: order.customerId,
            client_reference_id: userId,
            metadata,
            payment_intent_data: { metadata },
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: order.currency,
                  unit_amount: order.priceCents,
                  product_data: { name: `${order.label} of live captions` },
                },
              },
            ],
            // What is paid is compared with what was offered, to the cent and in the same currency.
            adaptive_pricing: { enabled: false },
            success_url: order.successUrl,
            cancel_url: order.cancelUrl,
          },
          { idempotencyKey: `checkout:${purchaseId}` },
        ),
      )
      if (!session.url) throw new Error(`Stripe gave ${session.id} no page`)
      return { id: session.id, url: session.url }
    },

    async findCheckout(checkoutSessionId) {
      const session = await ask(async () => stripe.checkout.sessions.retrieve(checkoutSessionId))
      return toCheckoutFact(session)
    },

    async findPurchaseId(paymentIntentId) {
      try {
        const intent = await ask(async () => stripe.paymentIntents.retrieve(paymentIntentId))
        return intent.metadata['purchase_id']
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return undefined
        throw error
      }
    },

    readEvent(body, signature) {
      for (const secret of keys.webhookSecrets) {
        try {
          return toPaymentEvent(stripe.webhooks.constructEvent(body, signature ?? '', secret))
        } catch (error) {
          if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error
        }
      }
      throw new AppError('bad_request', 'The signature of this event is not valid.')
    },
  }
}

function toAddress(apiUrl: string) {
  const { hostname, port, protocol } = new URL(apiUrl)
  const isPlain = protocol === 'http:'
  return {
    host: hostname,
    port: port || (isPlain ? 80 : 443),
    protocol: isPlain ? ('http' as const) : ('https' as const),
  }
}

/** Turns what can be mended by waiting, and what does not exist, into answers for the caller. */
async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const { StripeError, StripeConnectionError, StripeRateLimitError } = Stripe.errors
    if (!(error instanceof StripeError)) throw error
    const isAway =
      error instanceof StripeConnectionError ||
      error instanceof StripeRateLimitError ||
      (error.statusCode ?? 500) >= 500
    if (isAway) {
      const message = 'Stripe does not answer. You have not been charged. Try again shortly.'
      throw new AppError('unavailable', message, 5000)
    }
    if (error.statusCode === 404) throw new AppError('not_found', 'Stripe does not know this.')
    throw error
  }
}
