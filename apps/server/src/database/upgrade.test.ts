import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createPasswordHasher } from '../accounts/password-hasher.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import { backUpDatabase } from './backup/back-up-database.ts'
import { restoreDatabase } from './backup/restore-database.ts'
import { migrate, MIGRATIONS_DIR } from './migrate.ts'
import { startServerDatabase } from './server-database.ts'

const migrations = (await readdir(MIGRATIONS_DIR)).toSorted()
const password = 'correct horse'
const passwordHash = await createPasswordHasher().hash(password)

/** What a server writes from this migration on. It has its place in every later schema, too. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  '20261121090000_accounts_and_money': [
    `INSERT INTO users (id, email, password_hash) VALUES ('usr_1', 'a@example.org', '${passwordHash}')`,
    `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
       VALUES ('h', 'fam_1', 'usr_1', now() + interval '1 day')`,
    `INSERT INTO credit_balance (user_id, available_ms) VALUES ('usr_1', 3540000)`,
    `INSERT INTO transcription_sessions (id, user_id, mode, backend, ended_at, used_ms, status)
       VALUES ('ses_1', 'usr_1', 'managed', 'deepgram', now(), 60000, 'completed')`,
    `INSERT INTO usage_ledger (id, user_id, session_id, kind, delta_ms, ref, description) VALUES
       ('led_1', 'usr_1', NULL, 'starting_credit', 3600000, 'start:usr_1', 'an hour'),
       ('led_2', 'usr_1', 'ses_1', 'session_usage', -60000, 'session:ses_1', 'a minute')`,
    `INSERT INTO processed_events (id, type) VALUES ('evt_1', 'checkout.session.completed')`,
  ],
  '20261121140000_leases_and_purchases': [
    // A session that runs, 60 s ahead of which are held.
    `INSERT INTO transcription_sessions (id, user_id, mode, backend)
       VALUES ('ses_2', 'usr_1', 'managed', 'deepgram')`,
    `INSERT INTO leases (session_id, seq, user_id, instance, start_ms, granted_ms, used_ms, expires_at)
       VALUES ('ses_2', 0, 'usr_1', 'srv_1', 0, 60000, 5000, now())`,
    `UPDATE credit_balance SET available_ms = available_ms - 60000, held_ms = 60000`,
    `INSERT INTO credit_purchases
       (id, user_id, package_id, label, audio_ms, price_cents, currency, status, idempotency_key, paid_at)
       VALUES ('pur_1', 'usr_1', 'pack', 'Pack', 1000, 300, 'usd', 'paid', 'k', now())`,
    `INSERT INTO usage_ledger (id, user_id, kind, delta_ms, ref, description)
       VALUES ('led_3', 'usr_1', 'credit_purchase', 1000, 'cs_1', 'Pack')`,
    `UPDATE credit_balance SET available_ms = available_ms + 1000`,
    `INSERT INTO rate_limits (key, points, expire) VALUES ('login:1', 3, 4102444800000)`,
  ],
  '20261121180000_dispute_reported_at': [
    `UPDATE credit_purchases SET dispute = 'open', dispute_reported_at = now()`,
  ],
  '20261121190000_resume': [
    `UPDATE transcription_sessions SET resume_token_hash = repeat('a', 64), cut_at = now()
       WHERE id = 'ses_2'`,
    `UPDATE leases SET heard_ms = 5000, horizon_ms = 4000, replayed_ms = 100`,
  ],
  '20261121200000_resume_token_before': [
    `UPDATE transcription_sessions SET resume_token_hash_before = repeat('b', 64) WHERE id = 'ses_2'`,
  ],
  '20261130140000_administration': [
    // In one transaction, as no change is without its entry.
    `INSERT INTO admin_audit_entries (id, os_user, action, subject_user_id, reason)
       VALUES ('adt_1', 'root', 'role_granted', 'usr_1', 'runs this server');
     UPDATE users SET role = 'admin' WHERE id = 'usr_1'`,
  ],
}

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase('empty')
  onTestFinished(database.drop)
  return database
}

/** A database as the server of that migration left it. */
async function databaseOf(migration: string): Promise<TestDatabase> {
  const database = await emptyDatabase()
  await migrate(database.url, MIGRATIONS_DIR, migration)
  for (const name of migrations.filter((each) => each <= migration)) {
    for (const sql of ROWS[name] ?? []) await database.query(sql)
  }
  return database
}

async function countsOf({ query }: TestDatabase): Promise<Record<string, number>> {
  const tables = await query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
     AND relkind = 'r' AND relname <> '_prisma_migrations'`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await query(`SELECT count(*)::int AS count FROM "${String(name)}"`)
    counts[String(name)] = Number(row?.['count'])
  }
  return counts
}

describe.each(migrations)('from %s', (migration) => {
  test('a database with data comes to this server with every row and balanced books', async () => {
    const database = await databaseOf(migration)
    const before = await countsOf(database)
    await migrate(database.url)
    expect(await countsOf(database)).toMatchObject(before)
    expect(await unbalancedUsers(database)).toEqual([])

    const app = await startTestApp(database.url)
    onTestFinished(app.close)
    const login = await fetch(`${app.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'a@example.org', password }),
    })
    expect(login.status).toBe(200)
    const active = `SELECT count(*)::int AS count FROM transcription_sessions WHERE status = 'active'`
    expect(await database.query(active)).toEqual([{ count: 0 }])
    expect(await unbalancedUsers(database)).toEqual([])
  })

  test('the way back is the backup from before: restored, it is what the old server knows', async () => {
    const database = await databaseOf(migration)
    const folder = await mkdtemp(join(tmpdir(), 'saywire-upgrade-'))
    onTestFinished(async () => rm(folder, { recursive: true }))
    const file = join(folder, 'before.backup')
    await backUpDatabase(database.url, file)
    await migrate(database.url)

    const oldMigrations = join(folder, 'migrations')
    for (const name of migrations.filter((each) => each <= migration)) {
      await cp(join(MIGRATIONS_DIR, name), join(oldMigrations, name), { recursive: true })
    }
    const restored = await emptyDatabase()
    await restoreDatabase(restored.url, file, oldMigrations)
    expect(await migrate(restored.url, oldMigrations)).toEqual([])
    expect(await countsOf(restored)).toEqual(await countsOf(await databaseOf(migration)))
    // On what has been upgraded, the old server does not start.
    if (migration !== migrations.at(-1)) {
      await expect(migrate(database.url, oldMigrations)).rejects.toThrow('newer than this server')
    }
  })

  test('a backup from then is restored by this server, and upgraded', async () => {
    const database = await databaseOf(migration)
    const folder = await mkdtemp(join(tmpdir(), 'saywire-upgrade-'))
    onTestFinished(async () => rm(folder, { recursive: true }))
    const file = join(folder, 'old.backup')
    await backUpDatabase(database.url, file)
    const restored = await emptyDatabase()
    await restoreDatabase(restored.url, file)
    expect(await migrate(restored.url)).toEqual([])
    expect(await countsOf(restored)).toMatchObject(await countsOf(database))
    expect(await unbalancedUsers(restored)).toEqual([])
  })
})

test('servers that start together on one old database upgrade it once, and all start', async () => {
  const [first = ''] = migrations
  const { url, query } = await databaseOf(first)
  const log = pino({ level: 'silent' })
  await Promise.all(
    Array.from({ length: 5 }, async () => startServerDatabase({ url, dataDir: '/nowhere', log })),
  )
  const applied = await query('SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1')
  expect(applied.map(({ name }) => name)).toEqual(migrations)
})

/** What the server of the release before, which still runs during a deploy, would trip over. */
const BREAKING =
  /\bDROP (?:TABLE|COLUMN|DEFAULT)|\bRENAME\b|\bALTER COLUMN "?\w+"? (?:TYPE|SET DATA TYPE|SET NOT NULL)|ADD COLUMN (?![^;]*DEFAULT)[^;]*NOT NULL/i

test('migrations only add, so that a server of the release before goes on during a deploy', async () => {
  const breaking: string[] = []
  for (const name of migrations) {
    const sql = await readFile(join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8')
    const [found] = BREAKING.exec(sql.replaceAll(/--.*$/gm, '')) ?? []
    if (found !== undefined) breaking.push(`${name}: ${found}`)
  }
  expect(breaking).toEqual([])
})
