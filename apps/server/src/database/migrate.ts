import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { shippedFolder } from '../shipped-folder.ts'

/** The migrations that ship with this server. */
export const MIGRATIONS_DIR = shippedFolder('migrations')

/** The lock that Prisma's own migrate takes, so that the two never run at once. */
const PRISMA_MIGRATE_LOCK = 72_707_369

// Prisma's own definition.
const CREATE_HISTORY = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`

/** A database whose history does not fit this server. The message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/**
 * Brings the database to this server's schema, keeping the books in `_prisma_migrations` as
 * Prisma does. Servers that start together take turns; each migration is one transaction.
 * @param until the last migration to apply; default: the newest
 * @returns the names of the migrations that this call applied
 * @throws MigrationError where an applied migration was edited, is unfinished or is unknown here
 */
export async function migrate(
  databaseUrl: string,
  dir = MIGRATIONS_DIR,
  until?: string,
): Promise<string[]> {
  const migrations = await readMigrations(dir)
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    // Held by the session: it ends with it, also when this process dies.
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_MIGRATE_LOCK])
    await client.query(CREATE_HISTORY)
    const pending = await findPending(client, migrations)
    const wanted = pending.filter(({ name }) => until === undefined || name <= until)
    for (const migration of wanted) await apply(client, migration)
    return wanted.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function findPending(client: pg.Client, known: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
    `SELECT "migration_name" AS name, "checksum", "finished_at" IS NOT NULL AS finished
     FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL`,
  )
  const applied = new Map(rows.map((row) => [row.name, row]))
  for (const row of rows) {
    const migration = known.find(({ name }) => name === row.name)
    if (!migration) {
      throw new MigrationError(
        `The database is newer than this server: it has the migration ${row.name}. ` +
          'Update the server.',
      )
    }
    if (!row.finished) {
      throw new MigrationError(
        `The migration ${row.name} did not finish. Restore the database from a backup, or mend ` +
          'it and mark the migration with `prisma migrate resolve`.',
      )
    }
    if (row.checksum !== migration.checksum) {
      throw new MigrationError(
        `The migration ${row.name} was edited after it had been applied. ` +
          'Put its file back as it was, and make the change in a new migration.',
      )
    }
  }
  return known.filter(({ name }) => !applied.has(name))
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(migration.sql)
    await client.query(
      `INSERT INTO "_prisma_migrations"
         ("id", "checksum", "finished_at", "migration_name", "applied_steps_count")
       VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MigrationError(`The migration ${migration.name} failed: ${reason}`, { cause })
  }
}
