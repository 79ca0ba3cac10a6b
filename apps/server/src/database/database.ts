import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Logger } from 'pino'
import { PrismaClient } from '../generated/prisma/client.ts'
import type { Prisma } from '../generated/prisma/client.ts'

/** The client, or the transaction that a caller is in. */
export type Db = PrismaClient | Prisma.TransactionClient

/** This process's connections to PostgreSQL. */
export interface Database {
  readonly prisma: PrismaClient
  /** The connections themselves, for libraries that speak SQL. */
  readonly pool: pg.Pool
  /** Whether the database answers within about a second. Never throws. */
  ping(): Promise<boolean>
  /**
   * Does once what the first user would wait for otherwise: a server that begins in the middle of a
   * deploy meets all sessions of the one before it at once. Never throws.
   */
  warmUp(): Promise<void>
  close(): Promise<void>
}

const POOL_MAX = 10
/** A database that is away must cost a request seconds, not minutes. */
const CONNECT_TIMEOUT_MS = 3000
const STATEMENT_TIMEOUT_MS = 10_000
/** A process that freezes inside a transaction must not keep others from what it has locked. */
const IDLE_TRANSACTION_TIMEOUT_MS = 5000
const PING_TIMEOUT_MS = 1000

/** Connects on first use. */
export function openDatabase(url: string, log: Pick<Logger, 'warn'>): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    // The same bound from our side: a dead network carries no server's timeout.
    query_timeout: STATEMENT_TIMEOUT_MS + 1000,
    keepAlive: true,
  })
  // Idle connections break when the database restarts; unheard, that would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'database connection lost'))
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: CONNECT_TIMEOUT_MS, timeout: STATEMENT_TIMEOUT_MS },
  })

  return {
    prisma,
    pool,
    async ping() {
      const late = new Promise<boolean>((resolve) => {
        setTimeout(resolve, PING_TIMEOUT_MS, false).unref()
      })
      const answer = pool.query('SELECT 1').then(
        () => true,
        () => false,
      )
      return Promise.race([answer, late])
    },
    async warmUp() {
      const once = async (): Promise<unknown> =>
        prisma.$transaction(async (db) => db.lease.count({ where: { sessionId: '' } }))
      await Promise.all(Array.from({ length: POOL_MAX }, once)).catch((error: unknown) =>
        log.warn({ err: error }, 'database not reached yet'),
      )
    },
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

const UNREACHABLE_CODES = new Set([
  // Prisma's: cannot reach, timed out, closed, no connection from the pool, no transaction in time.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  // Node's.
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EPIPE',
  'EHOSTUNREACH',
  // PostgreSQL's: shutting down, starting up, too many connections, statement timeout.
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '57014',
  '08006',
])

/** Whether this error, or what caused it, says that the database is away rather than unhappy. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && UNREACHABLE_CODES.has(String(error.code))) return true
  if (
    /timeout (exceeded|expired) when|timeout exceeded|Connection terminated/.test(error.message)
  ) {
    return true
  }
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true
  return error.name === 'DriverAdapterError'
    ? hasUnreachableCause(error)
    : isCauseUnavailable(error)
}

function isCauseUnavailable(error: Error): boolean {
  return error.cause !== undefined && isDatabaseUnavailable(error.cause)
}

/** The driver adapter's cause is a plain object. */
function hasUnreachableCause({ cause }: Error): boolean {
  if (typeof cause !== 'object' || cause === null) return false
  const kind = 'kind' in cause ? String(cause.kind) : ''
  const code = 'originalCode' in cause ? String(cause.originalCode) : ''
  return (
    ['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'].includes(
      kind,
    ) || UNREACHABLE_CODES.has(code)
  )
}
