import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts'
import { migrate } from '../database/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A role on this URL may create databases. */
    readonly adminDatabaseUrl: string
    /** A database at the newest schema, empty, to be copied. */
    readonly templateDatabase: string
  }
}

/**
 * One PostgreSQL for the whole run: the built-in one, or where TEST_DATABASE_URL names a server,
 * that. Migrations run once, into a template; each test file copies it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env['TEST_DATABASE_URL']
  const parent = await mkdtemp(join(tmpdir(), 'saywire server tests '))
  // mkdtemp's folders are closed to the user that PostgreSQL runs as under root.
  const dataDir = `${parent} data`
  await mkdir(dataDir, { mode: 0o755 })
  const embedded = external
    ? undefined
    : await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) })
  const adminDatabaseUrl = embedded?.url ?? external ?? ''
  // Thrown away at the end: nothing need outlive a power cut, and tests share the disk.
  if (embedded) {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      await run(adminDatabaseUrl, `ALTER SYSTEM SET ${setting} = off`)
    }
    await run(adminDatabaseUrl, 'SELECT pg_reload_conf()')
  }
  const templateDatabase = `saywire_template_${process.pid}`
  await run(adminDatabaseUrl, `CREATE DATABASE "${templateDatabase}"`)
  const templateUrl = new URL(adminDatabaseUrl)
  templateUrl.pathname = `/${templateDatabase}`
  await migrate(templateUrl.href)
  project.provide('adminDatabaseUrl', adminDatabaseUrl)
  project.provide('templateDatabase', templateDatabase)

  return async () => {
    await run(adminDatabaseUrl, `DROP DATABASE "${templateDatabase}" WITH (FORCE)`)
    await embedded?.stop()
    for (const folder of [parent, dataDir]) await rm(folder, { recursive: true, force: true })
  }
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}
