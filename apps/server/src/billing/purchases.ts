import type { Logger } from 'pino'
import type { Db } from '../database/database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Ledger } from './ledger.ts'
import { toMs } from './ledger.ts'
import type { PaymentFact } from './payment-facts.ts'
import { findMismatch, learn, reversedMsOf } from './purchase-state.ts'
import type { Purchase } from './purchase-state.ts'

/** What came of a fact. `ignored`: it is about no purchase of ours, or contradicts it (logged). */
export type Recorded = 'recorded' | 'duplicate' | 'ignored'

/**
 * Brings purchases and their books in line with what Stripe says. Facts tell how things stand, so
 * they may come twice, at once, on several servers and in any order: the books end the same.
 */
export interface Purchases {
  /**
   * Commits the fact, the books, and the event's id in one transaction.
   * @param event where an event brought the fact: a second time it is a `duplicate`
   */
  record(fact: PaymentFact, event?: StripeEventId): Promise<Recorded>
}

/** The event that brought a fact, and the request that brought the event. */
interface StripeEventId {
  readonly id: string
  readonly type: string
  readonly requestId?: string | undefined
}

export interface PurchasesDeps {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  /** Leads from a payment to its purchase where no fact has told it yet. */
  readonly findPurchaseId: (paymentIntentId: string) => Promise<string | undefined>
  /** Whether this server sells for real money: facts of the other world are refused. */
  readonly isLive: boolean
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  readonly now: () => number
}

export function createPurchases(deps: PurchasesDeps): Purchases {
  const { prisma, ledger, log } = deps

  async function findPurchase(fact: PaymentFact): Promise<{ id: string; userId: string } | null> {
    const select = { id: true, userId: true }
    if (fact.kind === 'checkout') {
      const { checkoutSessionId, purchaseId } = fact
      const bySession = await prisma.creditPurchase.findUnique({
        where: { checkoutSessionId },
        select,
      })
      if (bySession || !purchaseId) return bySession
      return prisma.creditPurchase.findUnique({ where: { id: purchaseId }, select })
    }
    const { paymentIntentId } = fact
    const known = await prisma.creditPurchase.findUnique({ where: { paymentIntentId }, select })
    if (known) return known
    // A refund or a dispute that overtook the purchase's own event.
    const id = await deps.findPurchaseId(paymentIntentId)
    return id === undefined ? null : prisma.creditPurchase.findUnique({ where: { id }, select })
  }

  /** Grants what was bought, once, then takes back or returns what the reversals come to. */
  async function book(db: Db, purchase: Purchase): Promise<Purchase> {
    if (purchase.status !== 'paid') return purchase
    const { id, userId, label, audioMs } = purchase
    await ledger.grant(db, {
      userId,
      kind: 'credit_purchase',
      amountMs: toMs(audioMs),
      ref: `purchase:${id}`,
      description: `Bought ${label}`,
    })
    const changeMs = toMs(reversedMsOf(purchase) - purchase.reversedMs)
    if (changeMs === 0) return purchase
    const reversals = purchase.reversals + 1
    const entry = { userId, ref: `reversal:${id}:${reversals}` }
    if (changeMs > 0) {
      const description = `Refunded or disputed: ${label}`
      const kind = 'purchase_reversal'
      await ledger.takeBack(db, { ...entry, kind, amountMs: changeMs, description })
    } else {
      const description = `Returned after a dispute: ${label}`
      const kind = 'reversal_returned'
      await ledger.grant(db, { ...entry, kind, amountMs: -changeMs, description })
    }
    return { ...purchase, reversals, reversedMs: purchase.reversedMs + BigInt(changeMs) }
  }

  function isCredible(purchase: Purchase, fact: PaymentFact, source: object): boolean {
    const mismatch = findMismatch(purchase, fact, deps.isLive)
    if (!mismatch) return true
    // Somebody paid something else than was offered. Only a person can tell what is right.
    const details = { purchase: purchase.id, fact, mismatch, ...source }
    log.error(details, 'PAYMENT NOT CREDITED: it does not match')
    return false
  }

  return {
    async record(fact, event) {
      const source = event ? { event: event.id, request_id: event.requestId } : {}
      const found = await findPurchase(fact)
      if (!found) {
        log.warn(
          { fact, ...source },
          'Stripe reports a payment that is none of this server’s purchases',
        )
        return 'ignored'
      }
      return prisma.$transaction(async (db) => {
        await ledger.lock(db, found.userId)
        await db.$queryRaw`SELECT 1 FROM "credit_purchases" WHERE "id" = ${found.id} FOR UPDATE`
        const before = await db.creditPurchase.findUniqueOrThrow({ where: { id: found.id } })
        // Not noted as handled: sent again from Stripe's dashboard, it gets a second chance.
        if (!isCredible(before, fact, source)) return 'ignored'
        if (event && !(await noteEvent(db, event))) return 'duplicate'
        const { id, ...data } = await book(db, learn(before, fact, new Date(deps.now())))
        await db.creditPurchase.update({ where: { id }, data })
        if (data.status !== before.status) {
          log.info({ purchase: id, status: data.status, ...source }, 'purchase changed')
        }
        return 'recorded'
      })
    },
  }
}

/** @returns whether the event is new */
async function noteEvent(db: Db, { id, type }: StripeEventId): Promise<boolean> {
  const inserted = await db.$executeRaw`
    INSERT INTO "processed_events" ("id", "type") VALUES (${id}, ${type})
    ON CONFLICT ("id") DO NOTHING`
  return inserted === 1
}
