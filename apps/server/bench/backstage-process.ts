/*
 * A real database and its accounts, for a bench of another app: it runs this as a child process
 * with a channel, and the servers as others. It ends with the channel.
 */
import type { BenchDatabase } from './database.ts'
import { startBenchDatabase } from './database.ts'
import { issueToken, JWT_SECRET } from './server-process.ts'

/** Answered by `{id, value}`, or by `{id, error}`. */
type Question =
  | { readonly id: number; readonly ask: 'add-user'; readonly creditMs: number }
  | { readonly id: number; readonly ask: 'issue-token'; readonly userId: string }
  /** What the sessions of a user were charged, net of what was credited back, ms. */
  | { readonly id: number; readonly ask: 'charged-ms'; readonly userId: string }
  /** The sessions that a user has had, and how many leases are open. */
  | { readonly id: number; readonly ask: 'sessions'; readonly userId: string }

const CHARGED = `SELECT coalesce(-sum(delta_ms), 0) AS ms FROM usage_ledger
  WHERE user_id = $1 AND session_id IS NOT NULL`
const SESSIONS = `SELECT status, end_reason, used_ms, started_at, cut_at, ended_at
  FROM transcription_sessions WHERE user_id = $1 ORDER BY started_at`
const LEASES = `SELECT count(*) AS leases FROM leases WHERE user_id = $1 AND state = 'active'`

/** One at a time: many at once only wait for each other's transactions. */
let lastUser: Promise<unknown> = Promise.resolve()

async function addUser(database: BenchDatabase, creditMs: number): Promise<string> {
  const added = lastUser.then(async () => database.addUser(creditMs))
  lastUser = added.catch(() => undefined)
  return added
}

async function answer(database: BenchDatabase, question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'add-user':
      return addUser(database, question.creditMs)
    case 'issue-token':
      return issueToken(question.userId)
    case 'charged-ms': {
      const [row] = await database.query(CHARGED, [question.userId])
      return Number(row?.['ms'])
    }
    case 'sessions': {
      const [row] = await database.query(LEASES, [question.userId])
      const rows = await database.query(SESSIONS, [question.userId])
      return { rows, leases: Number(row?.['leases']) }
    }
  }
}

const ends: (() => Promise<unknown>)[] = []
process.once('disconnect', () => void endAll())
// Whoever asked is gone: there is nobody left to tell.
process.on('error', () => undefined)

async function endAll(): Promise<void> {
  for (const end of ends.toReversed()) await end()
  process.exit()
}

// Ctrl-C reaches this process, too, and it must outlive those that use it.
process.on('SIGINT', () => undefined)
const database = await startBenchDatabase({ atEnd: (end) => ends.push(end) })
process.on('message', (question: Question) => {
  answer(database, question).then(
    (value) => process.send?.({ id: question.id, value }),
    (error: unknown) => process.send?.({ id: question.id, error: String(error) }),
  )
})
process.send?.({ env: { DATABASE_URL: database.url, JWT_SECRET } })
