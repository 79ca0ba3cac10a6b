import type pg from 'pg'
import type { BackupHeader, BackupRow } from './backup-file.ts'
import { BackupError, writeBackupFile } from './backup-file.ts'
import { connect } from './connect.ts'

const ROWS_AT_ONCE = 1000

/** Each table after those that it refers to. */
const TABLES = `
  WITH RECURSIVE tables AS (
    SELECT c.oid, c.relname AS name FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND c.relname <> '_prisma_migrations'
  ), steps AS (
    SELECT oid, name, 0 AS step FROM tables
    UNION
    SELECT t.oid, t.name, s.step + 1 FROM steps s
    JOIN pg_constraint k ON k.confrelid = s.oid AND k.contype = 'f' AND k.conrelid <> s.oid
    JOIN tables t ON t.oid = k.conrelid
    WHERE s.step < 100
  )
  SELECT name, (
    SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = steps.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  ) AS columns
  FROM steps GROUP BY oid, name ORDER BY max(step), name`

const MIGRATIONS = `
  SELECT "migration_name" AS name, "checksum" FROM "_prisma_migrations"
  WHERE "rolled_back_at" IS NULL AND "finished_at" IS NOT NULL ORDER BY 1`

/**
 * Writes everything in the database as it is at one instant, whatever servers do meanwhile, at
 * whatever schema it is.
 * @returns how many rows were written
 * @throws BackupError where it is no database of Saywire; Error where the file cannot be written
 */
export async function backUpDatabase(databaseUrl: string, path: string): Promise<number> {
  const client = await connect(databaseUrl)
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const header = await readHeader(client)
    return await writeBackupFile(path, header, readRows(client, header))
  } finally {
    await client.end()
  }
}

async function readHeader(client: pg.Client): Promise<BackupHeader> {
  const found = await client.query(`SELECT to_regclass('_prisma_migrations') AS history`)
  const [{ history } = { history: null }] = found.rows as { history: string | null }[]
  if (history === null) throw new BackupError('This database has no tables of Saywire.')
  const migrations = await client.query<BackupHeader['migrations'][number]>(MIGRATIONS)
  const tables = await client.query<BackupHeader['tables'][number]>(TABLES)
  return {
    version: 1,
    created_at: new Date().toISOString(),
    migrations: migrations.rows,
    tables: tables.rows,
  }
}

async function* readRows(client: pg.Client, { tables }: BackupHeader): AsyncGenerator<BackupRow> {
  for (const { name } of tables) {
    const table = client.escapeIdentifier(name)
    await client.query(
      `DECLARE rows CURSOR FOR SELECT row_to_json(t)::text AS json FROM ${table} t`,
    )
    for (;;) {
      const { rows } = await client.query<{ json: string }>(`FETCH ${ROWS_AT_ONCE} FROM rows`)
      for (const { json } of rows) yield { table: name, json }
      if (rows.length < ROWS_AT_ONCE) break
    }
    await client.query('CLOSE rows')
  }
}
