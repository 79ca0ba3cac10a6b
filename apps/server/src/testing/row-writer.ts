// A server as kill -9 meets it: owns the built-in database, and reports each row once committed.
import pg from 'pg'
import { pino } from 'pino'
import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts'

const dataDir = process.argv[2] ?? ''
const { url } = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) })
const client = new pg.Client({ connectionString: url })
client.on('error', () => undefined)
await client.connect()
await client.query('CREATE TABLE t (i integer)')
for (let i = 1; ; i++) {
  await client.query('INSERT INTO t VALUES ($1)', [i])
  process.stdout.write(`${i}\n`)
}
