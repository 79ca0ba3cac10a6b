import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startServerDatabase } from '../database/server-database.ts'
import { sessionRows } from '../testing/session-rows.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const log = pino({ level: 'silent' })

let database: TestDatabase
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})
afterAll(async () => database.drop())

/** The program itself, on the database that the environment names. */
async function run(env: Record<string, string>, ...args: string[]) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', MAIN, ...args],
      { env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    )
  })
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'saywire-grant-'))
  await chmod(folder, 0o755)
  ends.push(async () => rm(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

test('a grant is in the ledger with who gave it and why, each time it is given', async () => {
  const id = await sessionRows(database).addUser()
  const email = `${id}@example.org`
  const env = { DATABASE_URL: database.url }
  const first = await run(env, 'credits', 'grant', email, '90', '--reason', 'lost a stream')
  expect(first).toEqual({
    code: 0,
    out: `Granted 90 min to ${email}, who now has 90.0 min.\n`,
    err: '',
  })
  await run(env, 'credits', 'grant', email, '1')
  const entries = await database.query(
    'SELECT kind, delta_ms, description FROM usage_ledger WHERE user_id = $1 ORDER BY recorded_at',
    [id],
  )
  expect(entries).toEqual([
    {
      kind: 'operator_grant',
      delta_ms: '5400000',
      description: '90 min from the operator: lost a stream',
    },
    { kind: 'operator_grant', delta_ms: '60000', description: '1 min from the operator' },
  ])
  expect(await unbalancedUsers(database)).toEqual([])
})

test('what went wrong is one sentence, and what to do', async () => {
  const env = { DATABASE_URL: database.url }
  expect(await run(env, 'credits', 'grant', 'nobody@example.org', '5')).toEqual({
    code: 1,
    out: '',
    err: 'There is no account with the e-mail address nobody@example.org.\n',
  })
  const away = { DATABASE_URL: 'postgresql://saywire:secret@127.0.0.1:1/saywire' }
  const refused = await run(away, 'credits', 'grant', 'nobody@example.org', '5')
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(/^The database of DATABASE_URL, at 127\.0\.0\.1:1, cannot be used: /)
  expect(refused.err).not.toContain('secret')
  const nowhere = await run(
    { SAYWIRE_DATA_DIR: await newFolder() },
    'credits',
    'grant',
    'nobody@example.org',
    '5',
  )
  expect(nowhere).toMatchObject({ code: 1, out: '' })
  expect(nowhere.err).toMatch(/^There is no database in .+ Set SAYWIRE_DATA_DIR or DATABASE_URL/)
  const wrong = await run(env, 'credits', 'grant', 'nobody@example.org', 'ten')
  expect(wrong).toMatchObject({ code: 2, out: '' })
  expect(wrong.err).toMatch(/not `ten`\.\nSee saywire-server --help\.\n$/)
})

test('the built-in database takes a grant while its server runs, and while it does not', async () => {
  const dataDir = await newFolder()
  const owner = await startServerDatabase({ url: undefined, dataDir, log })
  ends.push(owner.stop)
  const client = new pg.Client({ connectionString: owner.url })
  await client.connect()
  await client.query(
    `INSERT INTO users (id, email, password_hash) VALUES ('usr_1', 'a@example.org', 'none')`,
  )
  const command = ['credits', 'grant', 'a@example.org', '2'] as const
  expect(await run({ SAYWIRE_DATA_DIR: dataDir }, ...command)).toMatchObject({
    code: 0,
    out: 'Granted 2 min to a@example.org, who now has 2.0 min.\n',
  })
  // It left the running database alone.
  expect((await client.query('SELECT 1')).rowCount).toBe(1)
  await client.end()
  await owner.stop()

  expect(await run({ SAYWIRE_DATA_DIR: dataDir }, ...command)).toMatchObject({
    code: 0,
    out: 'Granted 2 min to a@example.org, who now has 4.0 min.\n',
  })
  // It stopped what it had started: the next server can own the folder.
  const next = await startServerDatabase({ url: undefined, dataDir, log })
  ends.push(next.stop)
})

test('Ctrl-C does not leave the database running that the command has started', async () => {
  const dataDir = await newFolder()
  await (await startServerDatabase({ url: undefined, dataDir, log })).stop()
  const args = ['--import', 'tsx', MAIN, 'credits', 'grant', 'nobody@example.org', '2']
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], SAYWIRE_DATA_DIR: dataDir }
  const command = spawn(process.execPath, args, { env })
  const ended = once(command, 'exit')
  const postmaster = join(dataDir, 'postgres', 'data', 'postmaster.pid')
  await expect.poll(() => existsSync(postmaster), { timeout: 120_000, interval: 10 }).toBe(true)
  command.kill('SIGINT')
  expect(await ended).toEqual([1, null])
  expect(existsSync(postmaster)).toBe(false)
})

test('help tells the commands, without a database', async () => {
  const { code, out } = await run({}, '--help')
  expect(code).toBe(0)
  expect(out).toContain('saywire-server credits grant <email> <minutes>')
})
