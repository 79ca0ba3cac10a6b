import { Stripe } from 'stripe'
import { AppError } from '../app-error.ts'
import type { CheckoutFact, PaymentEvent } from './payment-facts.ts'
import { paymentEventSchema } from './payment-facts.ts'
import { toCheckoutFact, toPaymentEvent } from './stripe-facts.ts'
import type { StripeKeys } from './selling-env.ts'

/** All that Saywire asks of Stripe. The only file that calls its library. */
export interface StripeGateway {
  /** Whether payments are real, judged by the key. */
  readonly isLive: boolean
  /**
   * @param user.insteadOf the customer that this one replaces, if any
   * @returns `cus_…`; asked again for the same within a day, the same one
   * @throws AppError `unavailable`
   */
  createCustomer(user: {
    readonly id: string
    readonly email: string
    readonly insteadOf?: string
  }): Promise<string>
  /**
   * @returns `unknown_customer` where Stripe has no such customer (any more)
   * @throws AppError `unavailable`
   */
  createCheckout(
    order: CheckoutOrder,
  ): Promise<{ readonly id: string; readonly url: string } | 'unknown_customer'>
  /** @throws AppError `unavailable`, `not_found` */
  findCheckout(checkoutSessionId: string): Promise<CheckoutFact>
  /**
   * @returns our id of the purchase that this payment is for; undefined: it is none of ours
   * @throws AppError `unavailable`
   */
  findPurchaseId(paymentIntentId: string): Promise<string | undefined>
  /**
   * @param body as it was received, byte for byte
   * @throws AppError `bad_request` where the signature is not Stripe's, or older than 5 minutes, and
   *   for events that do not hold what they are about
   */
  readEvent(body: Buffer, signature: string | undefined): PaymentEvent
}

export interface CheckoutOrder {
  /** With the customer also the idempotency key: one purchase never gets two sessions. */
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

    async createCustomer({ id, email, insteadOf }) {
      const customer = await ask(async () =>
        stripe.customers.create(
          { email, metadata: { user_id: id } },
          { idempotencyKey: ['customer', id, insteadOf ?? []].flat().join(':') },
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
          { idempotencyKey: `checkout:${purchaseId}:${order.customerId}` },
        ),
      ).catch((error: unknown) => {
        if (isUnknownCustomer(error)) return undefined
        throw error
      })
      if (!session) return 'unknown_customer'
      if (!session.url) throw new Error(`Stripe gave ${session.id} no page`)
      return { id: session.id, url: session.url }
    },

    async findCheckout(checkoutSessionId) {
      const session = await ask(
        async () => stripe.checkout.sessions.retrieve(checkoutSessionId),
        'Stripe does not answer. What you have paid will be credited. Look again shortly.',
      )
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
      let event: Stripe.Event | undefined
      for (const secret of keys.webhookSecrets) {
        try {
          event = stripe.webhooks.constructEvent(body, signature ?? '', secret)
          break
        } catch (error) {
          if (error instanceof Stripe.errors.StripeSignatureVerificationError) continue
          const message = 'This is not a snapshot event. Let Stripe send those, not thin ones.'
          throw new AppError('bad_request', message)
        }
      }
      if (!event) throw new AppError('bad_request', 'The signature of this event is not valid.')
      return readPaymentEvent(event)
    },
  }
}

/** @throws AppError `bad_request` where this is not what such an event looks like */
function readPaymentEvent(event: Stripe.Event): PaymentEvent {
  try {
    const read = toPaymentEvent(event)
    paymentEventSchema.parse(read)
    return read
  } catch {
    throw new AppError('bad_request', 'This event is not as its type wants it to be.')
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

function isUnknownCustomer(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    error.code === 'resource_missing' &&
    error.param === 'customer'
  )
}

/**
 * Turns what can be mended by waiting, and what does not exist, into answers for the caller.
 * @param awayMessage for the buyer, who wonders what became of the money
 */
async function ask<T>(
  call: () => Promise<T>,
  awayMessage = 'Stripe does not answer. You have not been charged. Try again shortly.',
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const { StripeError, StripeConnectionError, StripeRateLimitError } = Stripe.errors
    if (!(error instanceof StripeError)) throw error
    const isAway =
      error instanceof StripeConnectionError ||
      error instanceof StripeRateLimitError ||
      // The same request is being worked on: that of the other of two clicks.
      error.statusCode === 409 ||
      (error.statusCode ?? 500) >= 500
    if (isAway) throw new AppError('unavailable', awayMessage, 5000)
    if (error.statusCode === 404) throw new AppError('not_found', 'Stripe does not know this.')
    throw error
  }
}
