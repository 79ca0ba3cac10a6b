import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import { copyPostgresBinaries, findPostgresBinaries } from './postgres-binaries.ts'
import type { PostgresCluster } from './postgres-cluster.ts'
import {
  clusterUrl,
  createCluster,
  findRunningCluster,
  startCluster,
  stopCluster,
} from './postgres-cluster.ts'
import { canEnter, findPostgresUser } from './unprivileged-user.ts'

/** A running PostgreSQL that belongs to this process alone. */
export interface EmbeddedPostgres {
  /** Of the database `saywire`, with the password. Never changes, also over a restart. */
  readonly url: string
  /** Stops PostgreSQL. Bounded; idempotent. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresDeps {
  /** Saywire's data folder; created where missing. The cluster is in `postgres` below it. */
  readonly dataDir: string
  /** Root only: where the cluster goes when PostgreSQL's user cannot enter `dataDir`. */
  readonly rootFallbackDir?: string
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

const DATABASE = 'saywire'
/** Any number, as long as nobody else locks it. */
const OWNER_LOCK = 5_297_294_731
/** After kill -9 of a server its lock lasts until PostgreSQL has noticed. */
const OWNER_LOCK_WAIT_MS = 2000

/**
 * Starts the built-in PostgreSQL, creating it first where need be. One server owns it at a time:
 * a second one on the same folder is refused, because each would close the other's sessions and
 * stop the database under it. Ownership is a lock inside PostgreSQL, so it ends with the
 * process that held it, however that ended.
 * @throws Error in words for the user
 */
export async function startEmbeddedPostgres(deps: EmbeddedPostgresDeps): Promise<EmbeddedPostgres> {
  const { log } = deps
  const cluster = await placeCluster(deps)
  await createCluster(cluster)
  const port = await startCluster(cluster)
  const url = await clusterUrl(cluster, port, DATABASE)
  const lockUrl = await clusterUrl(cluster, port, 'postgres')
  let owner = await takeOwnership(lockUrl, cluster.dir)
  await createDatabase(owner)
  let stopping: Promise<void> | undefined
  watch()

  /** The owner's connection lives as long as the database: its loss means that PostgreSQL died. */
  function watch(): void {
    owner.once('end', () => {
      if (stopping) return
      log.error('the built-in database has died; starting it again')
      revive().catch((error: unknown) => log.error({ err: error }, 'the database stays down'))
    })
  }

  async function revive(): Promise<void> {
    await startCluster(cluster, port)
    if (stopping) return
    owner = await takeOwnership(lockUrl, cluster.dir)
    watch()
    log.info('the built-in database is back')
  }

  return {
    url,
    async stop() {
      stopping ??= owner
        .end()
        .catch(() => undefined)
        .then(async () => stopCluster(cluster))
      return stopping
    },
  }
}

/**
 * The built-in PostgreSQL for a command beside its server: the running one, which it leaves
 * running, or else one that it starts and stops itself. It creates none.
 * @throws Error in words for the user
 */
export async function visitEmbeddedPostgres(deps: EmbeddedPostgresDeps): Promise<EmbeddedPostgres> {
  const cluster = await placeCluster(deps)
  if (!existsSync(cluster.dir)) {
    throw new Error(
      `There is no database in ${cluster.dir}. Set SAYWIRE_DATA_DIR or DATABASE_URL as the server ` +
        'has it.',
    )
  }
  const port = await findRunningCluster(cluster)
  if (port === undefined) return startEmbeddedPostgres(deps)
  return { url: await clusterUrl(cluster, port, DATABASE), stop: async () => undefined }
}

/** As root, data and binaries must be where the user that PostgreSQL runs as can reach them. */
async function placeCluster(deps: EmbeddedPostgresDeps): Promise<PostgresCluster> {
  const { dataDir, rootFallbackDir = '/var/lib/saywire', log } = deps
  const binaries = await findPostgresBinaries()
  const ids = await findPostgresUser()
  await mkdir(dataDir, { recursive: true, mode: 0o755 })
  if (!ids) return { dir: join(dataDir, 'postgres'), binaries, ids }

  const reachable = (await canEnter(binaries.rootDir, ids))
    ? binaries
    : await copyPostgresBinaries(binaries, rootFallbackDir)
  if (await canEnter(dataDir, ids))
    return { dir: join(dataDir, 'postgres'), binaries: reachable, ids }

  // One place for each data folder, so that two of them stay two databases.
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  const otherDir = join(rootFallbackDir, name)
  await mkdir(otherDir, { recursive: true, mode: 0o755 })
  for (const folder of [rootFallbackDir, otherDir]) await chmod(folder, 0o755)
  log.warn(
    `${dataDir} is closed to the user that PostgreSQL runs as (root cannot run it); ` +
      `the database is in ${otherDir}`,
  )
  return { dir: join(otherDir, 'postgres'), binaries: reachable, ids }
}

async function createDatabase(client: pg.Client): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
  if (found.rowCount === 0) await client.query(`CREATE DATABASE "${DATABASE}"`)
}

async function takeOwnership(lockUrl: string, dir: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: lockUrl, keepAlive: true })
  // `end` follows; without a listener the process would die of it.
  client.on('error', () => undefined)
  await client.connect()
  const deadline = Date.now() + OWNER_LOCK_WAIT_MS
  for (;;) {
    const result = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS taken',
      [OWNER_LOCK],
    )
    if (result.rows[0]?.taken) return client
    if (Date.now() > deadline) {
      await client.end()
      throw new Error(
        `Another Saywire server already uses the database in ${dir}. ` +
          'Stop it, or set SAYWIRE_DATA_DIR to another folder.',
      )
    }
    await sleep(200)
  }
}
