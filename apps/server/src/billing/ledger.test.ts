import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices, unbalancedUsers } from '../testing/test-services.ts'

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

async function charge(userId: string, wantedMs: number, ref: string): Promise<number> {
  const entry = { userId, wantedMs, ref, kind: 'session_usage', description: 'test' } as const
  const { chargedMs } = await database.prisma.$transaction(async (db) =>
    services.ledger.charge(db, entry),
  )
  return chargedMs
}

const available = async (userId: string): Promise<number> =>
  services.ledger.availableMs(database.prisma, userId)

test('a fact that is reported again, also at the same time, is booked once', async () => {
  const userId = await newUser()
  const reports = Array.from({ length: 8 }, async () => grant(userId, 1000, `purchase:${userId}`))
  const outcomes = await Promise.all(reports)
  expect(outcomes.filter((outcome) => outcome === 'booked')).toHaveLength(1)
  expect(await available(userId)).toBe(1000)
  expect(await unbalancedUsers(database)).toEqual([])
})

test('charges at the same time never take more than there is', async () => {
  const userId = await newUser(10_000)
  const charges = Array.from({ length: 12 }, async (_, i) =>
    charge(userId, 1500, `c${i}:${userId}`),
  )
  const charged = await Promise.all(charges)
  expect(charged.reduce((sum, ms) => sum + ms, 0)).toBe(10_000)
  expect(await available(userId)).toBe(0)
  expect(await unbalancedUsers(database)).toEqual([])
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
  expect(await unbalancedUsers(database)).toEqual([])
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
  expect(await unbalancedUsers(database)).toEqual([])
})
