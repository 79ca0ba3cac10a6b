import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { sessionRows } from '../testing/session-rows.ts'
import { commandLine } from '../testing/test-administration.ts'
import { setServicesStage } from './testing/services-stage.ts'

const stage = setServicesStage()

async function newUser(creditMs = 0): Promise<string> {
  const userId = await sessionRows(stage.database).addUser()
  if (creditMs > 0) await adjust(userId, creditMs)
  return userId
}

async function adjust(userId: string, deltaMs: number, key: string = randomUUID()) {
  return stage.administration.credits.adjust(commandLine, { userId, deltaMs, reason: 'test', key })
}

test('credit is given and taken to the ms, each with its entry in the ledger', async () => {
  const userId = await newUser()
  expect((await adjust(userId, 90_001)).balance.availableMs).toBe(90_001)
  expect((await adjust(userId, -90_000)).balance.availableMs).toBe(1)
  const { rows } = await stage.administration.users.ledger(userId, { limit: 5 })
  expect(rows).toMatchObject([
    { kind: 'operator_adjustment', deltaMs: -90_000, description: 'From the operator: test' },
    { kind: 'operator_adjustment', deltaMs: 90_001 },
  ])
})

test('no more is taken than is available, and what running sessions hold stays theirs', async () => {
  const userId = await newUser(70_000)
  const opening = {
    userId,
    mode: 'managed',
    backend: 'whisper',
    model: null,
    language: null,
  } as const
  const opened = await stage.services.newLeases().open(opening)
  expect(opened).toMatchObject({ outcome: 'opened', availableMs: 10_000 })
  await expect(adjust(userId, -10_001)).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(/^Only 10000 ms are available, and 60000 ms are held/),
  })
  expect((await adjust(userId, -10_000)).balance).toMatchObject({ availableMs: 0, heldMs: 60_000 })
})

test('the database refuses what would go below zero, whoever asks', async () => {
  const userId = await newUser(1000)
  const below = `UPDATE credit_balance SET available_ms = available_ms - 1001 WHERE user_id = $1`
  await expect(stage.database.query(below, [userId])).rejects.toThrow(/available_ms_check/)
})

test('of adjustments at the same time only as many succeed as there is credit for', async () => {
  const userId = await newUser(5000)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, async () => adjust(userId, -2000)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  expect((await stage.administration.users.find(userId)).availableMs).toBe(1000)
})

test('a key is booked once, also at the same time, and for nothing else', async () => {
  const userId = await newUser(5000)
  const key = randomUUID()
  const sent = await Promise.all(Array.from({ length: 4 }, async () => adjust(userId, -5000, key)))
  expect(sent.map(({ outcome }) => outcome).toSorted()).toEqual([
    'already_booked',
    'already_booked',
    'already_booked',
    'booked',
  ])
  expect(sent.every(({ balance }) => balance.availableMs === 0)).toBe(true)
  const { rows } = await stage.administration.audit.page({ userId, limit: 10 })
  expect(rows).toHaveLength(2)
  expect(rows[0]).toMatchObject({
    before: { available_ms: 5000, held_ms: 0, owed_ms: 0 },
    after: { available_ms: 0, held_ms: 0, owed_ms: 0 },
  })
  await expect(adjust(userId, 5000, key)).rejects.toThrow(/another adjustment/)
  await expect(adjust(await newUser(), -5000, key)).rejects.toMatchObject({ code: 'bad_request' })
})

test('what a user owes comes out of what an administrator adds', async () => {
  const userId = await newUser(1000)
  await stage.database.prisma.$transaction(async (db) =>
    stage.services.ledger.takeBack(db, {
      userId,
      kind: 'purchase_reversal',
      amountMs: 4000,
      ref: `refund:${userId}`,
      description: 'test',
    }),
  )
  const { balance } = await adjust(userId, 5000)
  expect(balance).toEqual({ availableMs: 2000, heldMs: 0, owedMs: 0 })
})

test('nobody’s account is adjusted for an id that does not exist', async () => {
  await expect(adjust('usr_nobody', 1)).rejects.toMatchObject({ code: 'not_found' })
})
