import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { inject } from 'vitest'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/database.ts'
import { runSql } from './run-sql.ts'

/** A database of its own for one test file. */
export interface TestDatabase extends Database {
  readonly url: string
  /** Runs SQL around everything that is being tested. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  drop(): Promise<void>
}

/** @param from `empty`: without any table; default: at the newest schema */
export async function createTestDatabase(from?: 'empty'): Promise<TestDatabase> {
  const adminUrl = inject('adminDatabaseUrl')
  const name = `saywire_test_${randomBytes(6).toString('hex')}`
  const template = from === 'empty' ? 'template0' : inject('templateDatabase')
  await runSql(adminUrl, `CREATE DATABASE "${name}" TEMPLATE "${template}"`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const database = openDatabase(url.href, pino({ level: 'silent' }))
  return {
    ...database,
    url: url.href,
    query: async (sql, values) => runSql(url.href, sql, values),
    async drop() {
      await database.close()
      await runSql(adminUrl, `DROP DATABASE "${name}" WITH (FORCE)`)
    },
  }
}
