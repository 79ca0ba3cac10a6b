import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import type { PostgresBinaries } from './postgres-binaries.ts'
import type { UserIds } from './unprivileged-user.ts'

/** One PostgreSQL cluster on this machine: `dir` holds its data, its password and its log. */
export interface PostgresCluster {
  readonly dir: string
  readonly binaries: PostgresBinaries
  /** Whom it runs as; undefined: as ourselves. */
  readonly ids: UserIds | undefined
}

const ROLE = 'saywire'
const START_DEADLINE_MS = 60_000
const STOP_DEADLINE_S = 10
const LOG_MAX_BYTES = 1024 * 1024
const PROBE_TIMEOUT_MS = 2000

const execute = promisify(execFile)

/**
 * Creates the cluster unless it exists, with a random password. It comes into being by a rename:
 * an interrupted first start leaves nothing that a later one could mistake for a database.
 */
export async function createCluster({ dir, binaries, ids }: PostgresCluster): Promise<void> {
  if (existsSync(dir)) return
  const unfinished = `${dir}.new-${randomBytes(4).toString('hex')}`
  const passwordFile = join(unfinished, 'password')
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (ids) {
    await chown(passwordFile, ids.uid, ids.gid)
    await chown(unfinished, ids.uid, ids.gid)
  }
  try {
    await run(binaries.initdb, ids, unfinished, [
      `--pgdata=${join(unfinished, 'data')}`,
      `--username=${ROLE}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      '-clisten_addresses=127.0.0.1',
      // A socket's path is limited to about 100 bytes, and its folder must be writable.
      '-cunix_socket_directories=',
      '-ctimezone=UTC',
    ])
    await rename(unfinished, dir)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Two first starts at once: the other's cluster is as good.
    if (!existsSync(dir)) throw error
  }
}

/**
 * Brings the cluster up, on `port` or else on a free one, and resolves with its port when it takes
 * connections. A postmaster that a killed server left behind is taken over; what a killed
 * postmaster left behind is recovered.
 * @throws Error with the end of PostgreSQL's own log
 */
export async function startCluster(cluster: PostgresCluster, port?: number): Promise<number> {
  const { dir, binaries, ids } = cluster
  const logFile = join(dir, 'postgresql.log')
  const deadline = Date.now() + START_DEADLINE_MS
  for (;;) {
    const found = await readPidFile(dir)
    if (found && (await isPostmaster(found.pid))) {
      // It may also be on its way up or down: then the next round sees more.
      if (found.port && (await answers(cluster, found.port))) return found.port
    } else {
      // A stale file whose number now belongs to some other program would stop PostgreSQL.
      if (found) await rm(pidFile(dir), { force: true })
      await shorten(logFile)
      const chosen = port ?? (await findFreePort())
      const startedInTime = await run(binaries.pgCtl, ids, dir, [
        'start',
        `--pgdata=${join(dir, 'data')}`,
        `--log=${logFile}`,
        `--options=-p ${chosen}`,
        '--silent',
        '--wait',
        '--timeout=20',
      ]).then(
        () => true,
        () => false,
      )
      if (startedInTime && (await answers(cluster, chosen))) return chosen
    }
    if (Date.now() > deadline) throw new Error(await explain(dir, logFile))
    // Children of a killed postmaster hold its shared memory for a second or two.
    await sleep(200)
  }
}

/** @returns its port; undefined where it takes no connections */
export async function findRunningCluster(cluster: PostgresCluster): Promise<number | undefined> {
  const found = await readPidFile(cluster.dir)
  if (!found?.port || !(await isPostmaster(found.pid))) return undefined
  return (await answers(cluster, found.port)) ? found.port : undefined
}

/** Stops it within about 20 s, without waiting for clients. */
export async function stopCluster({ dir, binaries, ids }: PostgresCluster): Promise<void> {
  const stop = async (mode: string): Promise<void> =>
    run(binaries.pgCtl, ids, dir, [
      'stop',
      `--pgdata=${join(dir, 'data')}`,
      `--mode=${mode}`,
      '--silent',
      '--wait',
      `--timeout=${STOP_DEADLINE_S}`,
    ])
  if (!existsSync(pidFile(dir))) return
  await stop('fast').catch(async () => stop('immediate'))
}

/** @returns a `postgresql://` URL, password included */
export async function clusterUrl(
  cluster: PostgresCluster,
  port: number,
  database: string,
): Promise<string> {
  const password = await readFile(join(cluster.dir, 'password'), 'utf8')
  return `postgresql://${ROLE}:${password}@127.0.0.1:${port}/${database}`
}

async function answers(cluster: PostgresCluster, port: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: await clusterUrl(cluster, port, 'postgres'),
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

function pidFile(dir: string): string {
  return join(dir, 'data', 'postmaster.pid')
}

/** Lines 1 and 4 of postmaster.pid are the process and its port. */
async function readPidFile(dir: string): Promise<{ pid: number; port?: number } | undefined> {
  const text = await readFile(pidFile(dir), 'utf8').catch(() => '')
  const [pid, , , port] = text.split('\n').map((line) => Number.parseInt(line, 10))
  if (!pid || pid <= 0) return undefined
  return port ? { pid, port } : { pid }
}

/** False also where the number was given to another program since. */
async function isPostmaster(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  if (process.platform === 'win32') return true
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(async () =>
    execute('ps', ['-p', String(pid), '-o', 'command=']).then(
      ({ stdout }) => stdout,
      () => '',
    ),
  )
  return command.includes('postgres')
}

async function run(
  file: string,
  ids: UserIds | undefined,
  cwd: string,
  args: readonly string[],
): Promise<void> {
  await execute(file, args, {
    ...ids,
    // Not ours: the user it drops to may be unable to enter it.
    cwd,
    // Nothing of our environment, which holds secrets. Windows finds no libraries without it.
    ...(process.platform === 'win32' ? {} : { env: { LC_ALL: 'C' } }),
  }).catch((error: unknown) => {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    throw new Error(`PostgreSQL's ${args[0] ?? ''} failed. ${output.trim()}`, { cause: error })
  })
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function shorten(logFile: string): Promise<void> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0
  if (size > LOG_MAX_BYTES) await truncate(logFile, 0)
}

async function explain(dir: string, logFile: string): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '')
  const last = log.trim().split('\n').slice(-5).join('\n')
  return `The built-in database in ${dir} does not start. The end of its log:\n${last}`
}
