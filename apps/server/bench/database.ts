import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { NOBODYS_HASH } from '../src/accounts/password-hasher.ts'
import { createLedger } from '../src/billing/ledger.ts'
import { openDatabase } from '../src/database/database.ts'
import type { Database } from '../src/database/database.ts'
import { startServerDatabase } from '../src/database/server-database.ts'
import { newId } from '../src/ids.ts'
import type { BenchRun } from './report.ts'

/** A real PostgreSQL in a folder of its own, at the newest schema, gone after the run. */
export interface BenchDatabase extends Pick<Database, 'prisma'> {
  readonly url: string
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** @returns the id of a new user with this much credit */
  addUser(creditMs: number): Promise<string>
}

export async function startBenchDatabase(run: Pick<BenchRun, 'atEnd'>): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'saywire-bench-'))
  run.atEnd(async () => rm(folder, { recursive: true, force: true }))
  // Closed by default, and PostgreSQL may have to run as another user.
  await chmod(folder, 0o755)
  const log = pino({ level: 'silent' })
  const dataDir = join(folder, 'data')
  const { url, stop } = await startServerDatabase({ url: undefined, dataDir, log })
  run.atEnd(stop)
  const { prisma, close } = openDatabase(url, log)
  run.atEnd(close)
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => undefined)
  run.atEnd(async () => pool.end())
  const ledger = createLedger({ newId })

  return {
    url,
    prisma,
    async query(sql, values = []) {
      return (await pool.query<Record<string, unknown>>(sql, [...values])).rows
    },
    async addUser(creditMs) {
      const id = newId('usr')
      const email = `${id.toLowerCase()}@example.org`
      await prisma.user.create({ data: { id, email, passwordHash: NOBODYS_HASH } })
      if (creditMs === 0) return id
      const grant = { userId: id, amountMs: creditMs, ref: `bench:${id}`, description: 'bench' }
      await prisma.$transaction(async (db) =>
        ledger.grant(db, { ...grant, kind: 'starting_credit' }),
      )
      return id
    },
  }
}

/** What each session was charged, net of what was credited back, ms. */
export async function readCharges({
  query,
}: Pick<BenchDatabase, 'query'>): Promise<Map<string, number>> {
  const rows = await query(
    'SELECT session_id, -sum(delta_ms) AS ms FROM usage_ledger WHERE session_id IS NOT NULL GROUP BY 1',
  )
  return new Map(rows.map((row) => [String(row['session_id']), Number(row['ms'])]))
}
