import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../ids.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { CheckoutFact, DisputeState, PaymentFact } from './payment-facts.ts'
import type { Purchases } from './purchases.ts'
import { createPurchases } from './purchases.ts'

const AUDIO_MS = 30_000_001
const PRICE_CENTS = 399
let database: TestDatabase
let services: TestServices
let purchases: Purchases

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
  purchases = createPurchases({
    prisma: database.prisma,
    ledger: services.ledger,
    // What Stripe would tell: a payment's id holds its purchase's here.
    findPurchaseId: async (paymentIntentId) => paymentIntentId.slice('pi_'.length),
    isLive: false,
    log: pino({ level: 'silent' }),
    now: Date.now,
  })
})
afterAll(async () => database.drop())

/** @returns the id of a new purchase, offered to a user of its own */
async function offer(): Promise<string> {
  const id = newId('pur')
  const email = `${id.toLowerCase()}@example.org`
  await database.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, '')`, [
    `usr_${id}`,
    email,
  ])
  await database.prisma.creditPurchase.create({
    data: {
      id,
      userId: `usr_${id}`,
      packageId: 'pack_500',
      label: '500 minutes',
      audioMs: AUDIO_MS,
      priceCents: PRICE_CENTS,
      currency: 'usd',
      idempotencyKey: id,
    },
  })
  return id
}

const checkout = (
  id: string,
  outcome: CheckoutFact['outcome'],
  as: Partial<CheckoutFact> = {},
) => ({
  kind: 'checkout' as const,
  checkoutSessionId: `cs_${id}`,
  purchaseId: id,
  paymentIntentId: outcome === 'expired' ? undefined : `pi_${id}`,
  outcome,
  amountCents: PRICE_CENTS,
  currency: 'usd',
  isLive: false,
  ...as,
})
const refund = (id: string, refundedCents: number): PaymentFact => ({
  kind: 'refund',
  paymentIntentId: `pi_${id}`,
  refundedCents,
})
const dispute = (id: string, state: DisputeState, atS = 0): PaymentFact => ({
  kind: 'dispute',
  paymentIntentId: `pi_${id}`,
  state,
  reportedAt: new Date(1_800_000_000_000 + atS * 1000),
})

async function books(id: string) {
  const { status, refundedCents, dispute, reversedMs } =
    await database.prisma.creditPurchase.findUniqueOrThrow({ where: { id } })
  const balance = await services.ledger.balance(database.prisma, `usr_${id}`)
  return { status, refundedCents, dispute, reversedMs: Number(reversedMs), ...balance }
}

/** Takes all that is available, as sessions would. */
async function spend(id: string, usedMs: number): Promise<void> {
  await database.prisma.$transaction(async (db) => {
    const user = `usr_${id}`
    await services.ledger.lock(db, user)
    const { heldMs } = await services.ledger.hold(db, user, usedMs)
    const entry = { userId: user, heldMs, usedMs: heldMs, ref: `spent:${id}`, description: 'test' }
    await services.ledger.settle(db, entry)
  })
}

async function spentMs(id: string): Promise<number> {
  const sql = 'SELECT delta_ms FROM usage_ledger WHERE ref = $1'
  const [entry] = await database.query(sql, [`spent:${id}`])
  return -Number(entry?.['delta_ms'] ?? 0)
}

async function record(...facts: PaymentFact[]): Promise<void> {
  for (const fact of facts) await purchases.record(fact)
}

test('what is paid is credited, once, whoever reports it and however often', async () => {
  const id = await offer()
  await record(checkout(id, 'pending'), checkout(id, 'paid'), checkout(id, 'paid'))
  await Promise.all(Array.from({ length: 8 }, async () => purchases.record(checkout(id, 'paid'))))
  expect(await books(id)).toMatchObject({ status: 'paid', availableMs: AUDIO_MS, owedMs: 0 })
})

test('one event that arrives eight times at once is recorded once', async () => {
  const id = await offer()
  const event = { id: `evt_${id}`, type: 'checkout.session.completed' }
  const deliveries = Array.from({ length: 8 }, async () =>
    purchases.record(checkout(id, 'paid'), event),
  )
  const outcomes = await Promise.all(deliveries)
  expect(outcomes.toSorted()).toEqual([...Array<string>(7).fill('duplicate'), 'recorded'])
  expect(await books(id)).toMatchObject({ availableMs: AUDIO_MS })
})

test('promised is not paid: a bank debit that fails brings nothing', async () => {
  const id = await offer()
  await record(checkout(id, 'pending'), checkout(id, 'failed'), checkout(id, 'pending'))
  expect(await books(id)).toMatchObject({ status: 'failed', availableMs: 0 })
})

test.each<[string, Partial<CheckoutFact>]>([
  ['another amount', { amountCents: 1 }],
  ['another currency', { currency: 'jpy' }],
  ['another checkout session', { checkoutSessionId: 'cs_other' }],
  ['play money on a live server, or the reverse', { isLive: true }],
])('a payment of %s is not credited, and may be sent again', async (_, other) => {
  const id = await offer()
  await record(checkout(id, 'pending'))
  const event = { id: `evt_${id}`, type: 'checkout.session.completed' }
  expect(await purchases.record(checkout(id, 'paid', other), event)).toBe('ignored')
  expect(await books(id)).toMatchObject({ status: 'open', availableMs: 0 })
  expect(await purchases.record(checkout(id, 'paid'), event)).toBe('recorded')
})

test('a payment of nobody’s is ignored', async () => {
  expect(await purchases.record(checkout('pur_unknown', 'paid'))).toBe('ignored')
  expect(await purchases.record(refund('pur_unknown', 1))).toBe('ignored')
})

test('a refund takes its share, rounded in the buyer’s favour; repeated, nothing more', async () => {
  const id = await offer()
  await record(checkout(id, 'paid'), refund(id, 100), refund(id, 100))
  const reversedMs = Math.floor((AUDIO_MS * 100) / PRICE_CENTS)
  expect(await books(id)).toMatchObject({ reversedMs, availableMs: AUDIO_MS - reversedMs })
  await record(refund(id, PRICE_CENTS), refund(id, 100))
  expect(await books(id)).toMatchObject({ reversedMs: AUDIO_MS, availableMs: 0, owedMs: 0 })
})

test('what a refund takes that is spent already is owed, and comes out of the next purchase', async () => {
  const id = await offer()
  await record(checkout(id, 'paid'))
  await spend(id, 20_000_000)
  await record(refund(id, PRICE_CENTS))
  expect(await books(id)).toMatchObject({ availableMs: 0, owedMs: 20_000_000 })
  await database.prisma.$transaction(async (db) =>
    services.ledger.grant(db, {
      userId: `usr_${id}`,
      kind: 'starting_credit',
      amountMs: 20_000_500,
      ref: `next:${id}`,
      description: 'test',
    }),
  )
  expect(await books(id)).toMatchObject({ availableMs: 500, owedMs: 0 })
})

test('a dispute freezes the purchase; won, all of it returns; lost, none', async () => {
  const [won, lost] = [await offer(), await offer()]
  await record(checkout(won, 'paid'), dispute(won, 'open'))
  expect(await books(won)).toMatchObject({ availableMs: 0, reversedMs: AUDIO_MS })
  await record(dispute(won, 'won'), dispute(won, 'open'))
  expect(await books(won)).toMatchObject({ availableMs: AUDIO_MS, reversedMs: 0, dispute: 'won' })
  await record(checkout(lost, 'paid'), dispute(lost, 'open'), dispute(lost, 'lost'))
  expect(await books(lost)).toMatchObject({ availableMs: 0, reversedMs: AUDIO_MS })
})

test('a dispute that was lost and is won on appeal returns all of it, told in any order', async () => {
  const story = (id: string) => [
    dispute(id, 'open', 0),
    dispute(id, 'lost', 60),
    dispute(id, 'open', 120),
    dispute(id, 'won', 180),
  ]
  for (const tell of [
    (facts: PaymentFact[]) => facts,
    (facts: PaymentFact[]) => facts.toReversed(),
  ]) {
    const id = await offer()
    await record(checkout(id, 'paid'), ...tell(story(id)))
    expect(await books(id)).toMatchObject({ availableMs: AUDIO_MS, reversedMs: 0, dispute: 'won' })
  }
})

test('a payment that is disputed again after the first dispute was won is frozen again', async () => {
  const id = await offer()
  await record(checkout(id, 'paid'), dispute(id, 'won', 60), dispute(id, 'open', 120))
  expect(await books(id)).toMatchObject({ availableMs: 0, reversedMs: AUDIO_MS })
})

test('a dispute that is won after half was refunded returns the other half', async () => {
  const id = await offer()
  await record(checkout(id, 'paid'), refund(id, 200), dispute(id, 'open'), dispute(id, 'won'))
  const reversedMs = Math.floor((AUDIO_MS * 200) / PRICE_CENTS)
  expect(await books(id)).toMatchObject({ reversedMs, availableMs: AUDIO_MS - reversedMs })
})

test('any order, duplication and simultaneity of a purchase’s events ends in the same books', async () => {
  const factsOf = (id: string): PaymentFact[] => [
    checkout(id, 'pending'),
    checkout(id, 'paid'),
    refund(id, 50),
    refund(id, 150),
    dispute(id, 'lost', 1),
    dispute(id, 'won', 2),
  ]
  const reversedMs = Math.floor((AUDIO_MS * 150) / PRICE_CENTS)
  const deliveries = fc
    .tuple(
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      fc.array(fc.nat(5), { maxLength: 6 }),
    )
    .chain(([all, again]) =>
      fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }),
    )
  await fc.assert(
    fc.asyncProperty(deliveries, fc.boolean(), fc.nat(1), async (order, atOnce, spent) => {
      const id = await offer()
      const facts = factsOf(id)
      const deliver = async (i: number): Promise<void> => {
        const event = { id: `evt_${i}_${id}`, type: 'test' }
        const fact = facts[i]
        if (fact) await purchases.record(fact, event)
      }
      if (atOnce) await Promise.all(order.map(deliver))
      else {
        for (const [turn, i] of order.entries()) {
          await deliver(i)
          if (spent && turn === 2) await spend(id, 25_000_000)
        }
      }
      const end = await books(id)
      const usedMs = await spentMs(id)
      const leftMs = AUDIO_MS - reversedMs - usedMs
      expect(end).toMatchObject({
        status: 'paid',
        refundedCents: 150,
        dispute: 'won',
        reversedMs,
        heldMs: 0,
        availableMs: Math.max(leftMs, 0),
        owedMs: Math.max(-leftMs, 0),
      })
    }),
    { numRuns: 60 },
  )
  expect(await unbalancedUsers(database)).toEqual([])
}, 120_000)
