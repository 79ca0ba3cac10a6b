import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'

let database: TestDatabase
let services: TestServices
let count = 0

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())

async function newUser(creditMs = 0): Promise<string> {
  const email = `user${count++}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  if (creditMs > 0) await grant(user.id, creditMs, `gift:${user.id}`)
  return user.id
}

async function grant(userId: string, amountMs: number, ref: string): Promise<string> {
  const entry = { userId, amountMs, ref, kind: 'starting_credit', description: 'test' } as const
  return database.prisma.$transaction(async (db) => services.ledger.grant(db, entry))
}

async function takeBack(userId: string, amountMs: number, ref: string): Promise<string> {
  const entry = { userId, amountMs, ref, kind: 'purchase_reversal', description: 'test' } as const
  return database.prisma.$transaction(async (db) => services.ledger.takeBack(db, entry))
}

async function hold(userId: string, wantedMs: number) {
  return database.prisma.$transaction(async (db) => services.ledger.hold(db, userId, wantedMs))
}

async function settle(userId: string, heldMs: number, usedMs: number, ref: string) {
  return database.prisma.$transaction(async (db) => {
    await services.ledger.lock(db, userId)
    return services.ledger.settle(db, { userId, heldMs, usedMs, ref, description: 'test' })
  })
}

const balance = async (userId: string) => services.ledger.balance(database.prisma, userId)
const available = async (userId: string) => (await balance(userId)).availableMs
/** Holds without leases: only what the ledger itself promises. */
const unbooked = async () =>
  database.query(`SELECT user_id FROM credit_balance b WHERE available_ms + held_ms <>
    (SELECT coalesce(sum(delta_ms), 0) FROM usage_ledger l WHERE l.user_id = b.user_id)`)

test('a fact that is reported again, also at the same time, is booked once', async () => {
  const userId = await newUser()
  const reports = Array.from({ length: 8 }, async () => grant(userId, 1000, `purchase:${userId}`))
  const outcomes = await Promise.all(reports)
  expect(outcomes.filter((outcome) => outcome === 'booked')).toHaveLength(1)
  expect(await available(userId)).toBe(1000)
  expect(await unbooked()).toEqual([])
})

test('holds at the same time never take more than there is', async () => {
  const userId = await newUser(10_000)
  const held = await Promise.all(
    Array.from({ length: 12 }, async () => (await hold(userId, 1500)).heldMs),
  )
  expect(held.reduce((sum, ms) => sum + ms, 0)).toBe(10_000)
  expect(await balance(userId)).toEqual({ availableMs: 0, heldMs: 10_000, owedMs: 0 })
  expect(await unbooked()).toEqual([])
})

test('a settled hold charges what was used and frees the rest, once', async () => {
  const userId = await newUser(10_000)
  await hold(userId, 6000)
  expect(await settle(userId, 6000, 2500, `s:${userId}`)).toBe('booked')
  expect(await settle(userId, 6000, 2500, `s:${userId}`)).toBe('already_booked')
  expect(await balance(userId)).toEqual({ availableMs: 7500, heldMs: 0, owedMs: 0 })
  await expect(settle(userId, 100, 101, `t:${userId}`)).rejects.toThrow(RangeError)
  expect(await unbooked()).toEqual([])
})

test('what is taken back after it was spent is owed, and collected from the next credit', async () => {
  const userId = await newUser(10_000)
  await hold(userId, 6000)
  await takeBack(userId, 9000, `refund:${userId}`)
  expect(await balance(userId)).toEqual({ availableMs: 0, heldMs: 6000, owedMs: 5000 })
  await settle(userId, 6000, 5500, `s:${userId}`)
  expect(await balance(userId)).toEqual({ availableMs: 0, heldMs: 0, owedMs: 4500 })
  await grant(userId, 6000, `purchase:${userId}`)
  expect(await balance(userId)).toEqual({ availableMs: 1500, heldMs: 0, owedMs: 0 })
  expect(await unbooked()).toEqual([])
})

test('amounts beyond 32 bits are exact', async () => {
  const large = 2 ** 52 + 1
  expect(await available(await newUser(large))).toBe(large)
})

test.each([0, -1, 1.5, Number.NaN, Infinity])('%s ms is not granted', async (amountMs) => {
  const userId = await newUser()
  await expect(grant(userId, amountMs, `odd:${userId}`)).rejects.toThrow(RangeError)
  expect(await available(userId)).toBe(0)
})

test('a transaction that fails after a booking leaves no trace of it', async () => {
  const userId = await newUser()
  const failing = database.prisma.$transaction(async (db) => {
    const entry = { userId, ref: `lost:${userId}`, description: 'test' }
    await services.ledger.grant(db, { ...entry, kind: 'starting_credit', amountMs: 1000 })
    throw new Error('afterwards')
  })
  await expect(failing).rejects.toThrow('afterwards')
  expect(await available(userId)).toBe(0)
  expect(await unbooked()).toEqual([])
})

test('the database itself refuses to change the ledger, to overdraw, and to drop a user with one', async () => {
  const userId = await newUser(1000)
  const refused = [
    'UPDATE usage_ledger SET delta_ms = 1',
    'DELETE FROM usage_ledger',
    'TRUNCATE usage_ledger',
    `UPDATE credit_balance SET available_ms = -1 WHERE user_id = '${userId}'`,
    `UPDATE credit_balance SET held_ms = -1 WHERE user_id = '${userId}'`,
    `DELETE FROM users WHERE id = '${userId}'`,
  ]
  for (const sql of refused) {
    const refusal = database.query(sql).then(() => `accepted: ${sql}`, String)
    expect(await refusal).toMatch(/append-only|check constraint|foreign key/)
  }
  expect(await unbooked()).toEqual([])
})
