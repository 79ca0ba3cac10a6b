import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../ids.ts'
import { sessionRows } from '../testing/session-rows.ts'
import { commandLine, createTestAdministration } from '../testing/test-administration.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { Administration } from './administration.ts'
import { createAdminChanges } from './admin-changes.ts'

let database: TestDatabase
let administration: Administration
beforeAll(async () => {
  database = await createTestDatabase()
  administration = createTestAdministration(database)
})
afterAll(async () => database.drop())

const addUser = async () => sessionRows(database).addUser(0)
const reason = 'because of a test'

async function addAdmin(): Promise<string> {
  const userId = await addUser()
  await administration.access.setRole(commandLine, { userId, role: 'admin', reason })
  return userId
}

async function entriesOf(userId: string) {
  const { rows } = await administration.audit.page({ limit: 50, userId })
  return rows
}

test('each change is on record: who, what, on whom, why, from what to what', async () => {
  const userId = await addUser()
  const admin = await addAdmin()
  const actor = { kind: 'user', userId: admin, requestId: 'req-7' } as const
  await administration.access.block(actor, { userId, reason: 'spam' })
  await administration.access.unblock(commandLine, { userId, reason: 'was no spam' })
  const [unblocked, blocked] = await entriesOf(userId)
  expect(blocked).toMatchObject({
    actor: { id: admin, email: `${admin}@example.org` },
    osUser: null,
    action: 'user_blocked',
    subject: { id: userId },
    reason: 'spam',
    before: { blocked_at: null },
    after: { blocked_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    requestId: 'req-7',
  })
  expect(unblocked).toMatchObject({ actor: null, osUser: 'tester', action: 'user_unblocked' })
})

test('a wish that is fulfilled already changes nothing, and is not on record', async () => {
  const userId = await addUser()
  const wish = { userId, reason }
  expect((await administration.access.block(commandLine, wish)).outcome).toBe('blocked')
  expect((await administration.access.block(commandLine, wish)).outcome).toBe('already_blocked')
  expect(await entriesOf(userId)).toHaveLength(1)
})

test('where the entry cannot be written, the change is not made', async () => {
  const userId = await addUser()
  const tooShort = { userId, reason: 'no' }
  await expect(administration.access.block(commandLine, tooShort)).rejects.toThrow(/reason_check/)
  const gift = { userId, deltaMs: 1000, reason: 'no', key: randomUUID() }
  await expect(administration.credits.adjust(commandLine, gift)).rejects.toThrow(/reason_check/)
  expect(await administration.users.find(userId)).toMatchObject({ blockedAt: null, availableMs: 0 })
  expect(await administration.users.ledger(userId, { limit: 5 })).toMatchObject({ rows: [] })
})

test('the database itself commits no change of an administrator without its entry', async () => {
  const rows = sessionRows(database)
  const userId = await rows.addUser(60_000)
  const sessionId = await rows.addSession(userId, { startedAt: new Date() })
  await rows.addLease(userId, sessionId, { startMs: 0, grantedMs: 1000 })
  // An entry of another transaction, or of something else, is none.
  await administration.access.setRole(commandLine, { userId, role: 'admin', reason })
  await addAdmin()
  for (const sql of [
    `UPDATE users SET role = 'user' WHERE id = '${userId}'`,
    `UPDATE users SET blocked_at = now() WHERE id = '${userId}'`,
    `INSERT INTO users (id, email, password_hash, role) VALUES ('u', 'u@example.org', '', 'admin')`,
    ...['operator_grant', 'operator_adjustment'].map(
      (kind) => `INSERT INTO usage_ledger (id, user_id, kind, delta_ms, ref, description)
        VALUES ('l', '${userId}', '${kind}', 1, 'l', 'by hand')`,
    ),
    `UPDATE leases SET taken_over = true, stop_reason = 'ended_by_operator'
      WHERE session_id = '${sessionId}'`,
  ]) {
    const answer = await database.query(sql).then(() => `accepted: ${sql}`, String)
    expect(answer).toContain('needs its entry in admin_audit_entries')
  }
  // Nor does code that forgets it.
  const changes = createAdminChanges({ prisma: database.prisma, newId })
  const forgetful = changes.make(commandLine, async (db) => {
    await db.user.update({ where: { id: userId }, data: { role: 'user' } })
    return { result: undefined }
  })
  await expect(forgetful).rejects.toThrow(/RestrictViolation/)
  expect((await administration.users.find(userId)).role).toBe('admin')
})

test('nobody can change or remove what is on record', async () => {
  await addAdmin()
  for (const sql of [
    `UPDATE admin_audit_entries SET reason = 'nothing happened'`,
    'DELETE FROM admin_audit_entries',
    'TRUNCATE admin_audit_entries',
    'TRUNCATE users CASCADE',
  ]) {
    const answer = await database.query(sql).then(() => `accepted: ${sql}`, String)
    expect(answer).toContain('append-only')
  }
})

test('of two administrators who take each other’s role at once, one stays', async () => {
  const [a, b] = [await addAdmin(), await addAdmin()]
  const revoke = async (by: string, userId: string) =>
    administration.access.setRole({ kind: 'user', userId: by }, { userId, role: 'user', reason })
  const outcomes = await Promise.allSettled([revoke(a, b), revoke(b, a)])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const roles = [await administration.users.find(a), await administration.users.find(b)]
  expect(roles.map(({ role }) => role).toSorted()).toEqual(['admin', 'user'])
})

test('the last administrator goes only where the operator says so', async () => {
  const others = await database.query(`SELECT id FROM users WHERE role = 'admin'`)
  const last = await addAdmin()
  for (const { id } of others) {
    const wish = { userId: String(id), role: 'user', reason } as const
    await administration.access.setRole(commandLine, wish)
  }
  const wish = { userId: last, reason }
  const { access } = administration
  await expect(access.setRole(commandLine, { ...wish, role: 'user' })).rejects.toThrow(/--last/)
  await expect(access.block(commandLine, wish)).rejects.toThrow(/only administrator/)
  await access.block(commandLine, { ...wish, allowLast: true })
  await expect(administration.requireAdmin(last)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(
    access.setRole({ kind: 'user', userId: last }, { ...wish, role: 'admin' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

test('a blocked user is not made an administrator', async () => {
  const userId = await addUser()
  await administration.access.block(commandLine, { userId, reason })
  const wish = { userId, role: 'admin', reason } as const
  await expect(administration.access.setRole(commandLine, wish)).rejects.toThrow(/unblock it first/)
})

test('the record is read in pages, newest first, without gaps', async () => {
  const userId = await addUser()
  for (let i = 0; i < 5; i++) {
    const gift = { userId, deltaMs: 1, reason: `gift ${i}`, key: randomUUID() }
    await administration.credits.adjust(commandLine, gift)
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await administration.audit.page({ userId, limit: 2, cursor })
    seen.push(...page.rows.map((row) => row.reason))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(['gift 4', 'gift 3', 'gift 2', 'gift 1', 'gift 0'])
  await expect(
    administration.audit.page({ limit: 2, cursor: 'adt_made_up' }),
  ).rejects.toMatchObject({ code: 'bad_request' })
})
