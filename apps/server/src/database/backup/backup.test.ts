import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startTestApp } from '../../testing/test-app.ts'
import type { TestDatabase } from '../../testing/test-database.ts'
import { createTestDatabase } from '../../testing/test-database.ts'
import type { TestServices } from '../../testing/test-services.ts'
import { createTestServices } from '../../testing/test-services.ts'
import { unbalancedUsers } from '../../testing/unbalanced-users.ts'
import { MIGRATIONS_DIR } from '../migrate.ts'
import { backUpDatabase } from './back-up-database.ts'
import { restoreDatabase } from './restore-database.ts'

const execute = promisify(execFile)
/** A line of its own to some programs, and to be had in a name. */
const ODD_NAME = 'two\u2028lines\n"quoted"\t\\ — 字幕'
const BEYOND_DOUBLES = '9007199254740993'

const EMAIL = 'keeper@example.org'

let database: TestDatabase
let folder: string
let services: TestServices
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-backup-'))
  database = await createTestDatabase()
  services = createTestServices(database, { startingCreditMinutes: 60 })
  const { user } = await services.accounts.register({ email: EMAIL, password: 'correct horse' })
  // A session that the backup interrupts, so to speak.
  const leases = services.newLeases()
  const opening = { mode: 'managed', backend: 'whisper', model: null, language: null } as const
  const opened = await leases.open({ userId: user.id, ...opening })
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  await database.query('UPDATE leases SET used_ms = 12345')
  await addUser(1_000_000_000_000)
  await database.query('UPDATE refresh_tokens SET device_name = $1', [ODD_NAME])
  await database.query(`INSERT INTO rate_limits VALUES ('a', 1, ${BEYOND_DOUBLES}), ('b', 1, NULL)`)
  // More than are written and read at once.
  await database.query(
    `INSERT INTO processed_events (id, type) SELECT 'evt_' || i, 'test' FROM generate_series(1, 2500) i`,
  )
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

async function addUser(creditMs: number): Promise<void> {
  const { user } = await services.accounts.register({
    email: `${crypto.randomUUID()}@example.org`,
    password: 'correct horse',
  })
  const grant = {
    userId: user.id,
    kind: 'starting_credit',
    amountMs: creditMs,
    description: 'test',
  } as const
  await database.prisma.$transaction(async (db) =>
    services.ledger.grant(db, { ...grant, ref: `test:${user.id}` }),
  )
}

let count = 0
const newFile = (): string => join(folder, `${(count += 1)}.backup`)

async function emptyDatabase(): Promise<TestDatabase> {
  const empty = await createTestDatabase('empty')
  onTestFinished(empty.drop)
  return empty
}

/** All rows of all tables, to the last character. */
async function contentOf({ query }: TestDatabase): Promise<Record<string, unknown>> {
  const tables = await query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
     AND relkind = 'r' AND relname <> '_prisma_migrations' ORDER BY 1`,
  )
  const content: Record<string, unknown> = {}
  for (const { name } of tables) {
    content[String(name)] = await query(`SELECT t::text FROM "${String(name)}" t ORDER BY 1`)
  }
  return content
}

/** Its user logs in, and an open session is settled. */
async function expectToWork(restored: TestDatabase): Promise<void> {
  expect(await unbalancedUsers(restored)).toEqual([])
  const app = await startTestApp(restored.url)
  onTestFinished(app.close)
  const login = await fetch(`${app.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: EMAIL, password: 'correct horse' }),
  })
  expect(login.status).toBe(200)
  const { access_token } = (await login.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${access_token}` }
  const balance = await fetch(`${app.url}/billing/balance`, { headers })
  // The session that was open is settled at its last heartbeat: 12.345 s of the hour are gone.
  expect(await balance.json()).toMatchObject({ seconds_remaining: 3600 - 13 })
  expect(await unbalancedUsers(restored)).toEqual([])
}

test('what was backed up is there again to the last character, the books balance, and the user logs in', async () => {
  const file = newFile()
  const rows = await backUpDatabase(database.url, file)
  const restored = await emptyDatabase()
  expect(await restoreDatabase(restored.url, file)).toBe(rows)
  expect(await contentOf(restored)).toEqual(await contentOf(database))
  await expectToWork(restored)
})

test('a backup is of one instant, while others write', async () => {
  const file = newFile()
  const running = backUpDatabase(database.url, file)
  for (let i = 0; i < 5; i += 1) await addUser(1000)
  await running
  const restored = await emptyDatabase()
  await restoreDatabase(restored.url, file)
  expect(await unbalancedUsers(restored)).toEqual([])
})

test('it holds secrets, so nobody else may read it, and it replaces no other file', async () => {
  const file = newFile()
  await backUpDatabase(database.url, file)
  expect((await stat(file)).mode & 0o077).toBe(0)
  const before = await readFile(file)
  await expect(backUpDatabase(database.url, file)).rejects.toThrow(`${file} exists already.`)
  expect(await readFile(file)).toEqual(before)
})

test('half a file, a file without its end and any other file restore nothing', async () => {
  const file = newFile()
  await backUpDatabase(database.url, file)
  const bytes = await readFile(file)
  const text = gunzipSync(bytes).toString()
  const withoutARow = text.replace(/^processed_events\t.*\n/m, '')
  const restored = await emptyDatabase()
  for (const wrong of [
    bytes.subarray(0, bytes.length / 2),
    gzipSync(text.slice(0, text.lastIndexOf('#end'))),
    gzipSync(withoutARow),
    gzipSync('hello\n'),
    Buffer.from('hello'),
  ]) {
    const path = newFile()
    await writeFile(path, wrong)
    await expect(restoreDatabase(restored.url, path)).rejects.toThrow(/is no (whole )?backup/)
  }
  // What has failed can be tried again.
  await restoreDatabase(restored.url, file)
  expect(await contentOf(restored)).toEqual(await contentOf(database))
})

test('a file or a database that is not there is named, without a password', async () => {
  const path = newFile()
  await expect(restoreDatabase(database.url, path)).rejects.toThrow(`There is no file ${path}.`)
  const away = backUpDatabase('postgresql://saywire:CANARY@127.0.0.1:1/saywire', path)
  await expect(away).rejects.toThrow(
    /^(?!.*CANARY).*DATABASE_URL, at 127\.0\.0\.1:1, cannot be used/,
  )
})

test('a database with rows in it is left as it is', async () => {
  const file = newFile()
  await backUpDatabase(database.url, file)
  const before = await contentOf(database)
  await expect(restoreDatabase(database.url, file)).rejects.toThrow(
    /not empty.*another DATABASE_URL/,
  )
  expect(await contentOf(database)).toEqual(before)
})

test('a backup of a server that is newer says so', async () => {
  const file = newFile()
  await backUpDatabase(database.url, file)
  const newer = gunzipSync(await readFile(file))
    .toString()
    .replace('"migrations":[', '"migrations":[{"name":"99990101000000_later","checksum":"0"},')
    .replace(/("migrations":\[)(\{.*?\}),(.*?)\]/, '$1$3,$2]')
  const path = newFile()
  await writeFile(path, gzipSync(newer))
  const restored = await emptyDatabase()
  await expect(restoreDatabase(restored.url, path)).rejects.toThrow(
    /99990101000000_later.*server as new/,
  )
})

test('what may only come about in steps is restored all the same, and guarded from then on', async () => {
  const dir = join(folder, 'migrations')
  await cp(MIGRATIONS_DIR, dir, { recursive: true })
  await mkdir(join(dir, '99990101000000_guard'))
  await writeFile(
    join(dir, '99990101000000_guard', 'migration.sql'),
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
     CREATE CONSTRAINT TRIGGER no_events AFTER INSERT ON processed_events
       DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();`,
  )
  const first = newFile()
  await backUpDatabase(database.url, first)
  const guarded = await emptyDatabase()
  await restoreDatabase(guarded.url, first, dir)
  const second = newFile()
  await backUpDatabase(guarded.url, second)
  const restored = await emptyDatabase()
  await restoreDatabase(restored.url, second, dir)
  expect(await contentOf(restored)).toEqual(await contentOf(database))
  const refused = restored.query(`INSERT INTO processed_events (id, type) VALUES ('evt', 'test')`)
  await expect(refused).rejects.toThrow('refused')
})

test('nothing here counts by a sequence, which a restore would have to set', async () => {
  expect(await database.query('SELECT * FROM pg_sequences')).toEqual([])
})

const noTools = await execute('pg_dump', ['--version']).then(
  () => '',
  () => ' (skipped: pg_dump is not installed)',
)
const isTooOld = /version/
test.skipIf(noTools)(`PostgreSQL's own tools do it as well${noTools}`, async ({ skip }) => {
  const file = newFile()
  const dumped = await execute('pg_dump', [
    '--format=custom',
    `--file=${file}`,
    database.url,
  ]).catch((error: { stderr: string }) => error.stderr)
  if (typeof dumped === 'string' && isTooOld.test(dumped)) skip('pg_dump is older than the server')
  const restored = await emptyDatabase()
  const target = `--dbname=${restored.url}`
  await execute('pg_restore', [
    '--exit-on-error',
    '--single-transaction',
    '--no-owner',
    target,
    file,
  ])
  expect(await contentOf(restored)).toEqual(await contentOf(database))
  await expectToWork(restored)
})
