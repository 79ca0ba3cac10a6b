import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sessionRows } from '../testing/session-rows.ts'
import { createTestAdministration } from '../testing/test-administration.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const at = (iso: string) => new Date(`2026-03-${iso}Z`)

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => database.drop())

const read = async (days: number) =>
  createTestAdministration(database, () => NOW).margins.read(days)

async function book(userId: string, kind: string, deltaMs: number): Promise<void> {
  await database.query(
    `INSERT INTO usage_ledger (id, user_id, kind, delta_ms, ref, description)
     VALUES ($1, $2, $3, $4, $1, 'test')`,
    [randomUUID(), userId, kind, deltaMs],
  )
}

async function buy(userId: string, minutes: number, cents: number, changes = {}): Promise<void> {
  await database.prisma.creditPurchase.create({
    data: {
      id: randomUUID(),
      userId,
      packageId: 'pack',
      label: 'pack',
      audioMs: minutes * 60_000,
      priceCents: cents,
      currency: 'usd',
      status: 'paid',
      paidAt: new Date(),
      idempotencyKey: randomUUID(),
      ...changes,
    },
  })
  await book(userId, 'credit_purchase', minutes * 60_000)
}

test('audio belongs to its day in UTC, and a running session to today', async () => {
  const rows = sessionRows(database)
  const userId = await rows.addUser(3_600_000)
  const sessionId = await rows.addSession(userId, { startedAt: at('08T10:00:00') })
  await rows.book(userId, sessionId, -60_000, at('08T23:59:59.999'))
  await rows.book(userId, sessionId, -120_000, at('09T00:00:00'))
  await rows.book(userId, sessionId, 30_000, at('09T08:00:00'))
  await rows.book(userId, sessionId, -999, at('07T23:59:59.999'))
  await rows.addLease(userId, sessionId, { startMs: 180_000, grantedMs: 60_000 })
  await rows.useLease(sessionId, 1000)
  // $0.0048 a minute, rounded up to a micro-dollar; without a purchase nothing comes in.
  expect(await read(3)).toEqual([
    {
      date: '2026-03-08',
      billedMs: 60_000,
      creditedBackMs: 0,
      providerMicros: 4800,
      revenueMicros: 0,
      marginMicros: -4800,
    },
    {
      date: '2026-03-09',
      billedMs: 120_000,
      creditedBackMs: 30_000,
      providerMicros: 9600,
      revenueMicros: 0,
      marginMicros: -9600,
    },
    {
      date: '2026-03-10',
      billedMs: 1000,
      creditedBackMs: 0,
      providerMicros: 80,
      revenueMicros: 0,
      marginMicros: -80,
    },
  ])
})

test('revenue is what a ms of credit has brought in: less Stripe’s fee, refunds and gifts', async () => {
  const rows = sessionRows(database)
  const userId = await rows.addUser()
  // $10 less 2.9 % and 30 ¢ are $9.41, and the second purchase was refunded: its fee is gone, too.
  await buy(userId, 500, 1000)
  await buy(userId, 500, 1000, { refundedCents: 1000, reversedMs: 500n * 60_000n })
  await book(userId, 'purchase_reversal', -500 * 60_000)
  await book(userId, 'starting_credit', 500 * 60_000)
  const sessionId = await rows.addSession(userId, { startedAt: at('10T10:00:00') })
  await rows.book(userId, sessionId, -110 * 60_000, at('10T10:00:00'))
  await rows.book(userId, sessionId, 10 * 60_000, at('10T10:00:00'))
  const [today] = await read(1)
  // ($9.41 − $0.59) over 1,000 minutes, for the 100 that were used and not given back.
  expect(today).toMatchObject({ revenueMicros: 882_000, providerMicros: 528_000 })
  expect(today?.marginMicros).toBe(882_000 - 528_000)
})

test('what is in dispute has brought in nothing', async () => {
  const userId = await sessionRows(database).addUser()
  await buy(userId, 500, 1000, { dispute: 'lost' })
  const sessionId = await sessionRows(database).addSession(userId, {
    startedAt: at('10T10:00:00'),
    usedMs: 60_000,
  })
  expect(sessionId).toMatch(/^ses_/)
  const [today] = await read(1)
  // Only the fee is left of it: −59 ¢ over 500 minutes.
  expect(today?.revenueMicros).toBe(-1180)
})

test('the last days of a long ledger are summed out of the index', async () => {
  const userId = await sessionRows(database).addUser()
  await database.query(
    `INSERT INTO usage_ledger (id, user_id, kind, delta_ms, ref, description, recorded_at)
     SELECT i::text, $1, 'session_usage', -1000, i::text, 'test', $2::timestamptz - i * interval '20 s'
     FROM generate_series(1, 100000) i`,
    [userId, new Date(NOW)],
  )
  await database.query('VACUUM ANALYZE usage_ledger')
  const [today] = await read(1)
  expect(today?.billedMs).toBe(12 * 180 * 1000)
  const plan = await database.query(
    `EXPLAIN SELECT sum(delta_ms) FROM usage_ledger
     WHERE kind IN ('session_usage', 'upstream_failure_credit') AND recorded_at >= $1`,
    [at('10T00:00:00')],
  )
  const text = plan.map((row) => row['QUERY PLAN']).join('\n')
  expect(text).toMatch(/Index (Only )?Scan .*usage_ledger_kind_recorded_at_delta_ms_idx/)
  expect(text).not.toContain('Seq Scan')
})
