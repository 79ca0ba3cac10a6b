import type { Logger } from 'pino'
import { accountBlocked, isBlocked } from '../accounts/account-block.ts'
import { AppError } from '../app-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import type { AskingLimit } from './asking-limit.ts'
import type { CreditPackage, CustomAmounts, Offer } from './packages.ts'
import { CURRENCY, offerOfAmount, offerOfPackage } from './packages.ts'
import type { Purchases } from './purchases.ts'
import type { Purchase } from './purchase-state.ts'
import type { StripeCustomers } from './stripe-customers.ts'
import type { StripeGateway } from './stripe-gateway.ts'
import { toMs } from './ledger.ts'

/** What a buyer asks for: a pack, or an amount where amounts are sold. */
export type CheckoutRequest = { readonly packageId: string } | { readonly amountCents: number }

/** The buyer's click. */
export interface Click {
  /** The same key gives the same page. */
  readonly idempotencyKey?: string | undefined
  /** For the log. */
  readonly requestId?: string | undefined
}

/** As the success page tells it. `pending`: Stripe waits for the money (bank debit) or the buyer. */
export interface PurchaseStatus {
  readonly status: 'paid' | 'pending' | 'failed' | 'expired'
  /** Of audio. */
  readonly seconds: number
}

/** Buying credit, from the buyer's side. */
export interface Checkout {
  /**
   * Writes down what is offered, then asks Stripe for a page to pay it on.
   * @throws AppError `bad_request`, `account_blocked`, `rate_limited`, `unavailable`
   */
  begin(userId: string, request: CheckoutRequest, click?: Click): Promise<{ url: string }>
  /**
   * How the buyer's purchase stands according to Stripe, credited already where it is paid: the
   * page that the buyer comes back to is right even while the webhook is late. Who asks too often
   * is told what the webhook has said so far.
   * @throws AppError `not_found` for anybody but the buyer; `unavailable`
   */
  verify(userId: string, checkoutSessionId: string): Promise<PurchaseStatus>
}

export interface CheckoutDeps {
  readonly prisma: PrismaClient
  readonly gateway: Pick<StripeGateway, 'createCheckout' | 'findCheckout'>
  readonly customers: Pick<StripeCustomers, 'ensure' | 'replace'>
  readonly purchases: Purchases
  readonly limit: AskingLimit
  readonly packages: readonly CreditPackage[]
  readonly custom: CustomAmounts | undefined
  /** Where browsers reach this server, without a slash at its end. */
  readonly publicUrl: () => string
  readonly newId: NewId
  readonly log: Pick<Logger, 'info'>
}

export function createCheckout(deps: CheckoutDeps): Checkout {
  const { prisma, gateway, custom } = deps

  function toOffer(request: CheckoutRequest): Offer {
    if ('packageId' in request) {
      const pack = deps.packages.find(({ id }) => id === request.packageId)
      if (pack) return offerOfPackage(pack)
      throw new AppError('bad_request', 'There is no such pack. See GET /billing/packages.')
    }
    const { amountCents } = request
    if (!custom) throw new AppError('bad_request', 'This server sells packs only. Choose one.')
    if (amountCents < custom.minCents || amountCents > custom.maxCents) {
      const range = `$${custom.minCents / 100} to $${custom.maxCents / 100}`
      throw new AppError('bad_request', `Choose an amount from ${range}.`)
    }
    return offerOfAmount(custom, amountCents)
  }

  /** One row per click, also where two requests bring the same click at once. */
  async function findOrCreate(userId: string, offer: Offer, key?: string): Promise<Purchase> {
    const id = deps.newId('pur')
    const idempotencyKey = key ?? id
    const data = { ...offer, id, userId, currency: CURRENCY, idempotencyKey }
    await prisma.creditPurchase.createMany({ data, skipDuplicates: true })
    const where = { userId_idempotencyKey: { userId, idempotencyKey } }
    const purchase = await prisma.creditPurchase.findUniqueOrThrow({ where })
    if (purchase.packageId !== offer.packageId || purchase.priceCents !== offer.priceCents) {
      const message = 'This idempotency key belongs to another purchase. Use a new one per click.'
      throw new AppError('bad_request', message)
    }
    return purchase
  }

  const openPage = async (purchase: Purchase, customerId: string) =>
    gateway.createCheckout({
      purchaseId: purchase.id,
      userId: purchase.userId,
      customerId,
      packageId: purchase.packageId,
      label: purchase.label,
      priceCents: purchase.priceCents,
      currency: purchase.currency,
      successUrl: `${deps.publicUrl()}/billing/success?session_id={CHECKOUT_SESSION_ID}`,
      cancelUrl: `${deps.publicUrl()}/billing/cancel`,
    })

  return {
    async begin(userId, request, { idempotencyKey, requestId } = {}) {
      const offer = toOffer(request)
      // Their access token may have some minutes left.
      if (await isBlocked(prisma, userId)) throw accountBlocked()
      const waitMs = await deps.limit.countQuestion(userId)
      if (waitMs > 0) {
        const message = 'Too many purchases begun. Finish one of them, or try again in a minute.'
        throw new AppError('rate_limited', message, waitMs)
      }
      const purchase = await findOrCreate(userId, offer, idempotencyKey)
      if (purchase.checkoutUrl) return { url: purchase.checkoutUrl }
      const customerId = await deps.customers.ensure(userId)
      let session = await openPage(purchase, customerId)
      if (session === 'unknown_customer') {
        session = await openPage(purchase, await deps.customers.replace(userId, customerId))
      }
      if (session === 'unknown_customer') throw new Error(`Stripe lost ${userId}'s new customer`)
      await prisma.creditPurchase.update({
        where: { id: purchase.id },
        data: { checkoutSessionId: session.id, checkoutUrl: session.url },
      })
      const details = { purchase: purchase.id, package: purchase.packageId, request_id: requestId }
      deps.log.info(details, 'checkout begun')
      return { url: session.url }
    },

    async verify(userId, checkoutSessionId) {
      const find = async () =>
        prisma.creditPurchase.findUnique({ where: { checkoutSessionId, userId } })
      let purchase = await find()
      if (!purchase) {
        throw new AppError('not_found', 'This account has no such purchase. Log in as the buyer.')
      }
      if (purchase.status !== 'paid' && (await deps.limit.countQuestion(userId)) === 0) {
        await deps.purchases.record(await gateway.findCheckout(checkoutSessionId))
        purchase = (await find()) ?? purchase
      }
      return { status: toStatus(purchase), seconds: Math.floor(toMs(purchase.audioMs) / 1000) }
    },
  }
}

function toStatus({ status }: Purchase): PurchaseStatus['status'] {
  return status === 'paid' || status === 'failed' || status === 'expired' ? status : 'pending'
}
