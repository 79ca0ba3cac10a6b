import type pg from 'pg'
import { migrate, MIGRATIONS_DIR } from '../migrate.ts'
import type { BackupHeader, BackupRow } from './backup-file.ts'
import { BackupError, readBackupFile } from './backup-file.ts'
import { connect } from './connect.ts'

const ROWS_AT_ONCE = 1000

/**
 * Fills an empty database from a backup: its tables as they were then, all rows or none, and then
 * what this server's newer migrations make of them.
 * @returns how many rows were restored
 * @throws BackupError where the file is none, or of a newer server, or the database is not empty;
 *   MigrationError
 */
export async function restoreDatabase(
  databaseUrl: string,
  path: string,
  dir = MIGRATIONS_DIR,
): Promise<number> {
  return readBackupFile(path, async (header, rows) => {
    const client = await connect(databaseUrl)
    try {
      await refuseFilled(client)
      await migrate(databaseUrl, dir, header.migrations.at(-1)?.name)
      await refuseOtherSchema(client, header)
      const count = await fill(client, header, rows)
      await migrate(databaseUrl, dir)
      return count
    } finally {
      await client.end()
    }
  })
}

async function refuseFilled(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations'`,
  )
  for (const { name } of rows) {
    const found = await client.query(`SELECT 1 FROM ${client.escapeIdentifier(name)} LIMIT 1`)
    if (found.rowCount === 0) continue
    throw new BackupError(
      `The database is not empty: there are rows in ${name}. Restore into a new one, by another ` +
        'DATABASE_URL or SAYWIRE_DATA_DIR.',
    )
  }
}

/** The rows fit into no other tables than those that they came from. */
async function refuseOtherSchema(client: pg.Client, header: BackupHeader): Promise<void> {
  const { rows } = await client.query<BackupHeader['migrations'][number]>(
    `SELECT "migration_name" AS name, "checksum" FROM "_prisma_migrations"
     WHERE "rolled_back_at" IS NULL ORDER BY 1`,
  )
  const [ours, theirs] = [rows, header.migrations].map((list) =>
    list.map(({ name, checksum }) => `${name} ${checksum}`).join(),
  )
  if (ours === theirs) return
  const last = header.migrations.at(-1)?.name
  const isNewer = rows.every(({ name }) => name !== last)
  throw new BackupError(
    isNewer
      ? `The backup has the migration ${last}, which this server does not know: restore it with a ` +
          'server as new as the one that made it.'
      : `The tables in the database are not those of the backup, which end with ${last}. Restore ` +
          'into a new database, by another DATABASE_URL or SAYWIRE_DATA_DIR.',
  )
}

async function fill(
  client: pg.Client,
  header: BackupHeader,
  rows: AsyncIterable<BackupRow>,
): Promise<number> {
  const inserts = new Map(
    header.tables.map(({ name, columns }) => [name, insertInto(client, name, columns)]),
  )
  let count = 0
  await client.query('BEGIN')
  // They guard what servers do. What is restored has passed them, some only in its own transaction.
  await setTriggers(client, header, 'DISABLE')
  for await (const { table, batch } of batched(rows)) {
    const insert = inserts.get(table)
    if (insert === undefined) throw new BackupError(`The backup does not describe its ${table}.`)
    await client.query(insert, [`[${batch.join(',')}]`])
    count += batch.length
  }
  await setTriggers(client, header, 'ENABLE')
  await client.query('COMMIT')
  return count
}

/** Those of the schema; foreign keys are checked all the same. */
async function setTriggers(
  client: pg.Client,
  { tables }: BackupHeader,
  state: 'DISABLE' | 'ENABLE',
): Promise<void> {
  for (const { name } of tables) {
    await client.query(`ALTER TABLE ${client.escapeIdentifier(name)} ${state} TRIGGER USER`)
  }
}

function insertInto(client: pg.Client, name: string, columns: readonly string[]): string {
  const table = client.escapeIdentifier(name)
  const list = columns.map((column) => client.escapeIdentifier(column)).join()
  return `INSERT INTO ${table} (${list}) SELECT ${list} FROM json_populate_recordset(NULL::${table}, $1)`
}

async function* batched(rows: AsyncIterable<BackupRow>) {
  let table = ''
  let batch: string[] = []
  for await (const row of rows) {
    if (batch.length > 0 && (row.table !== table || batch.length === ROWS_AT_ONCE)) {
      yield { table, batch }
      batch = []
    }
    ;({ table } = row)
    batch.push(row.json)
  }
  if (batch.length > 0) yield { table, batch }
}
