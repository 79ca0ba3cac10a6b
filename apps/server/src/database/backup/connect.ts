import pg from 'pg'
import { explainDatabaseError } from '../server-database.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** Without a bound on its statements: a large table takes its time. @throws Error in words for the operator */
export async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    throw new Error(explainDatabaseError(databaseUrl, error), { cause: error })
  }
}
