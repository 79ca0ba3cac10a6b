import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTestAdministration } from '../testing/test-administration.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import { migrate, MIGRATIONS_DIR } from './migrate.ts'

const ADMINISTRATION = '20261130140000_administration'

test('a database with users, sessions and gifts becomes one with administrators, and keeps them', async () => {
  const database = await createTestDatabase('empty')
  const before = await mkdtemp(join(tmpdir(), 'saywire-migrations-'))
  onTestFinished(async () => {
    await database.drop()
    await rm(before, { recursive: true })
  })
  const names = (await readdir(MIGRATIONS_DIR)).filter((name) => name < ADMINISTRATION)
  expect(names.length).toBeGreaterThan(4)
  for (const name of names) {
    await cp(join(MIGRATIONS_DIR, name), join(before, name), { recursive: true })
  }
  await migrate(database.url, before)
  for (const sql of [
    `INSERT INTO users (id, email, password_hash)
       SELECT 'usr_' || i, i || '@example.org', 'none' FROM generate_series(1, 200) i`,
    `INSERT INTO credit_balance (user_id, available_ms, held_ms)
       SELECT id, 60000, CASE id WHEN 'usr_1' THEN 1000 ELSE 0 END FROM users`,
    `INSERT INTO usage_ledger (id, user_id, kind, delta_ms, ref, description)
       SELECT 'led_' || id, id, 'operator_grant', CASE id WHEN 'usr_1' THEN 61000 ELSE 60000 END, id, 'old'
       FROM users`,
    `INSERT INTO transcription_sessions (id, user_id, mode, backend)
       VALUES ('ses_1', 'usr_1', 'managed', 'whisper')`,
    `INSERT INTO leases (session_id, seq, user_id, instance, start_ms, granted_ms, expires_at)
       VALUES ('ses_1', 0, 'usr_1', 'srv_old', 0, 1000, now() + interval '1 hour')`,
  ]) {
    await database.query(sql)
  }
  expect(await migrate(database.url)).toContain(ADMINISTRATION)
  expect(await unbalancedUsers(database)).toEqual([])
  const administration = createTestAdministration(database)
  const { rows } = await administration.users.page({ limit: 300 })
  expect(rows).toHaveLength(200)
  expect(rows.every(({ role, blockedAt }) => role === 'user' && blockedAt === null)).toBe(true)
  // What ran meanwhile goes on.
  expect(await administration.liveSessions.page({ limit: 5 })).toMatchObject({
    rows: [{ id: 'ses_1', isEnding: false }],
  })
  await database.query(`UPDATE leases SET used_ms = 500 WHERE session_id = 'ses_1'`)
})
