import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EmbeddedPostgres } from './embedded-postgres.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

const log = pino({ level: 'silent' })
const isRoot = process.getuid?.() === 0
const stops: (() => Promise<void>)[] = []
let parent: string
let dataDir: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'saywire-embedded-'))
  await chmod(parent, 0o755)
  dataDir = join(parent, 'a folder with spaces')
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await rm(parent, { recursive: true, force: true })
})

async function start(dir = dataDir): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    dataDir: dir,
    rootFallbackDir: join(parent, 'fallback'),
    log,
  })
  stops.push(postgres.stop)
  return postgres
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}

async function postmasterPid(dir = dataDir): Promise<number> {
  const text = await readFile(join(dir, 'postgres', 'data', 'postmaster.pid'), 'utf8')
  return Number.parseInt(text, 10)
}

/** A server process that owns the database, writes a row a millisecond, and reports each commit. */
async function startWriter(): Promise<{ kill: () => Promise<void>; committed: () => number }> {
  const script = fileURLToPath(new URL('../../testing/row-writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let committed = 0
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => {
    committed = Number(line)
  })
  await eventually(async () => expect(committed).toBeGreaterThan(20))
  return {
    committed: () => committed,
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

test('rows are there again after a stop and a start, and PostgreSQL is gone in between', async () => {
  const first = await start()
  await query(first.url, 'CREATE TABLE t AS SELECT 42 AS answer')
  await first.stop()
  await expect(query(first.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
  const second = await start()
  expect(await query(second.url, 'SELECT answer FROM t')).toEqual([{ answer: 42 }])
})

test('the database listens on this machine only, and insists on its secret password', async () => {
  const { url } = await start()
  const { port, password } = new URL(url)
  expect(password.length).toBeGreaterThanOrEqual(32)
  const passwordFile = await stat(join(dataDir, 'postgres', 'password'))
  expect(passwordFile.mode & 0o777).toBe(0o600)
  const wrong = new URL(url)
  wrong.password = 'wrong'
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)
  if (!outside) return
  const socket = connect(Number(port), outside.address)
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
})

test.skipIf(process.platform !== 'linux')(
  'PostgreSQL is out of reach of the terminal’s Ctrl-C, in a session of its own (skipped without /proc)',
  async () => {
    await start()
    const stats = await readFile(`/proc/${await postmasterPid()}/stat`, 'utf8')
    const ours = await readFile('/proc/self/stat', 'utf8')
    // After the command in parentheses: state, parent, process group, session.
    const session = (text: string): string | undefined => text.split(') ')[1]?.split(' ')[3]
    expect(session(stats)).not.toBe(session(ours))
  },
)

test('kill -9 of the server loses no committed row; the next one takes over what still runs', async () => {
  const writer = await startWriter()
  const pid = await postmasterPid()
  await writer.kill()
  // Until the database has seen that its owner is gone, it is somebody else's.
  const next = await eventually(async () => start())
  const rows = await query(next.url, 'SELECT count(*)::int AS n, max(i) AS last FROM t')
  expect(rows[0]?.['n']).toBe(rows[0]?.['last'])
  expect(rows[0]?.['n']).toBeGreaterThanOrEqual(writer.committed())
  expect(await postmasterPid()).toBe(pid)
})

test('kill -9 of server and PostgreSQL loses no committed row', async () => {
  const writer = await startWriter()
  process.kill(await postmasterPid(), 'SIGKILL')
  await writer.kill()
  const next = await start()
  const rows = await query(next.url, 'SELECT count(*)::int AS n FROM t')
  expect(rows[0]?.['n']).toBeGreaterThanOrEqual(writer.committed())
})

test('kill -9 of PostgreSQL under a running server brings it back at the same address', async () => {
  const { url } = await start()
  await query(url, 'CREATE TABLE t AS SELECT 42 AS answer')
  const pid = await postmasterPid()
  process.kill(pid, 'SIGKILL')
  await eventually(async () => expect(await postmasterPid()).not.toBe(pid))
  const rows = await eventually(async () => query(url, 'SELECT answer FROM t'))
  expect(rows).toEqual([{ answer: 42 }])
})

test('a stale postmaster.pid that names some other program does not stop the start', async () => {
  const first = await start()
  const pidFile = join(dataDir, 'postgres', 'data', 'postmaster.pid')
  const text = await readFile(pidFile, 'utf8')
  await first.stop()
  await writeFile(pidFile, text.replace(/^\d+/, String(process.pid)))
  const second = await start()
  expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a second server on the same folder is refused in words, and the first goes on', async () => {
  const first = await start()
  await expect(start()).rejects.toThrow(/Another Saywire server .* SAYWIRE_DATA_DIR/)
  expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('two servers that start at once on a new folder: one gets it, the other is told', async () => {
  const results = await Promise.allSettled([start(), start()])
  const errors = results.filter((result) => result.status === 'rejected')
  expect(errors.map(({ reason }) => (reason as Error).message)).toEqual([
    expect.stringContaining('Another Saywire server'),
  ])
})

test.skipIf(!isRoot)(
  'as root, a data folder closed to others still gets a database (skipped unless root)',
  async () => {
    const closed = join(parent, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const warnings: string[] = []
    const postgres = await startEmbeddedPostgres({
      dataDir: join(closed, 'data'),
      rootFallbackDir: join(parent, 'fallback'),
      log: { ...log, warn: (line: string) => warnings.push(line) } as never,
    })
    stops.push(postgres.stop)
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(warnings.join()).toContain(join(parent, 'fallback'))
  },
)
