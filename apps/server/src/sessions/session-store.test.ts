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
  services = createTestServices(database, { startingCreditMinutes: 1 })
})
afterAll(async () => database.drop())

async function openSession(): Promise<{ userId: string; sessionId: string }> {
  const email = `user${count++}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  const opened = await open(user.id)
  if (opened.outcome !== 'opened') throw new Error('a new account has credit')
  expect(opened.availableMs).toBe(60_000)
  return { userId: user.id, sessionId: opened.sessionId }
}

const open = async (userId: string) =>
  services.sessions.open({
    userId,
    mode: 'managed',
    backend: 'whisper',
    model: null,
    language: 'en',
  })

async function row(sessionId: string): Promise<Record<string, unknown> | undefined> {
  const sql = 'SELECT * FROM transcription_sessions WHERE id = $1'
  return (await database.query(sql, [sessionId]))[0]
}

const available = async (userId: string): Promise<number> =>
  services.ledger.availableMs(database.prisma, userId)

test('a session is charged exactly what it used, in one ledger entry that names it', async () => {
  const { userId, sessionId } = await openSession()
  expect(await row(sessionId)).toMatchObject({ status: 'active', used_ms: '0', ended_at: null })
  await services.sessions.close(sessionId, { usedMs: 12_345, reason: 'stopped' })
  expect(await row(sessionId)).toMatchObject({
    status: 'completed',
    end_reason: 'stopped',
    used_ms: '12345',
    ended_at: expect.any(Date) as Date,
  })
  expect(await available(userId)).toBe(60_000 - 12_345)
  const entries = await database.query('SELECT * FROM usage_ledger WHERE session_id = $1', [
    sessionId,
  ])
  expect(entries).toMatchObject([{ ref: `session:${sessionId}`, delta_ms: '-12345' }])
})

test('the first end of a session holds, however many report it at once', async () => {
  const { userId, sessionId } = await openSession()
  const ends = [5000, 5000, 5000].map(async (usedMs) =>
    services.sessions.close(sessionId, { usedMs, reason: 'client_gone' }),
  )
  await Promise.all(ends)
  await services.sessions.close(sessionId, { usedMs: 9000, reason: 'internal' })
  expect(await row(sessionId)).toMatchObject({ status: 'completed', used_ms: '5000' })
  expect(await available(userId)).toBe(55_000)
})

test('a session that used more than there was takes what there was', async () => {
  const { userId, sessionId } = await openSession()
  await services.sessions.close(sessionId, { usedMs: 90_000, reason: 'insufficient_credits' })
  expect(await row(sessionId)).toMatchObject({ status: 'terminated', used_ms: '90000' })
  expect(await available(userId)).toBe(0)
  expect(await unbalancedUsers(database)).toEqual([])
})

test('at a balance of 0 no session opens', async () => {
  const { userId, sessionId } = await openSession()
  await services.sessions.close(sessionId, { usedMs: 60_000, reason: 'stopped' })
  expect(await open(userId)).toEqual({ outcome: 'insufficient_credits' })
})

test('what a crash left open is ended once, free of charge', async () => {
  const { userId, sessionId } = await openSession()
  expect(await services.sessions.closeAbandoned()).toBe(1)
  expect(await services.sessions.closeAbandoned()).toBe(0)
  expect(await row(sessionId)).toMatchObject({ status: 'terminated', used_ms: '0' })
  await services.sessions.close(sessionId, { usedMs: 1000, reason: 'stopped' })
  expect(await available(userId)).toBe(60_000)
})

test('the end of an unknown session is ignored', async () => {
  const end = services.sessions.close('ses_unknown', { usedMs: 1000, reason: 'stopped' })
  await expect(end).resolves.toBeUndefined()
})
