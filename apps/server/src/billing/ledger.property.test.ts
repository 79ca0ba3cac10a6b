import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { Leases } from './leases.ts'

let database: TestDatabase
let services: TestServices
beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())

/** What can happen to one user's money. `process`, `session`: which of those that there are. */
const happening = fc.oneof(
  fc.record({
    what: fc.constant('top-up'),
    ref: fc.nat(5),
    ms: fc.integer({ min: 1, max: 90_000 }),
  }),
  fc.record({
    what: fc.constant('refund'),
    ref: fc.nat(5),
    ms: fc.integer({ min: 1, max: 90_000 }),
  }),
  fc.record({
    what: fc.constant('return'),
    ref: fc.nat(5),
    ms: fc.integer({ min: 1, max: 90_000 }),
  }),
  fc.record({ what: fc.constant('open'), process: fc.nat(1) }),
  fc.record({ what: fc.constant('take over'), process: fc.nat(1), session: fc.nat(20) }),
  fc.record({ what: fc.constant('audio'), session: fc.nat(20), ms: fc.nat(70_000) }),
  fc.record({ what: fc.constant('extend'), session: fc.nat(20) }),
  fc.record({ what: fc.constant('beat'), process: fc.nat(1) }),
  fc.record({ what: fc.constant('settle'), session: fc.nat(20), creditedMs: fc.nat(5000) }),
  fc.record({ what: fc.constant('crash'), process: fc.nat(1) }),
  fc.record({ what: fc.constant('reap'), process: fc.nat(1) }),
)
/** Groups happen one after the other, what is in a group at the same time. */
const history = fc.array(fc.array(happening, { minLength: 1, maxLength: 4 }), { maxLength: 14 })
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

interface Session {
  readonly sessionId: string
  leases: Leases
  audioMs: number
  coveredMs: number
}

/** One user's life over two server processes; says everything that happened to whom it may concern. */
async function live(groups: readonly (readonly Happening[])[]): Promise<string> {
  const email = `${randomUUID()}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  const userId = user.id
  const terms = { settleEveryMs: 20_000, leaseMs: 30_000 }
  const processes = [services.newLeases(terms), services.newLeases(terms)]
  const sessions: Session[] = []
  const processOf = (i: number): Leases => processes[i % 2] as Leases
  const sessionOf = (i: number): Session | undefined => sessions[i % (sessions.length || 1)]
  const money = (ref: number, ms: number) =>
    ({ userId, amountMs: ms, ref: `${userId}:${ref}`, description: 'test' }) as const

  async function open(leases: Leases, takeOver?: string): Promise<void> {
    const opening = { userId, mode: 'managed', backend: 'whisper', model: null } as const
    const opened = await leases.open({ ...opening, language: null }, takeOver)
    if (opened.outcome !== 'opened') return
    const { sessionId, coveredMs } = opened
    sessions.push({ sessionId, leases, audioMs: 0, coveredMs })
  }

  async function happen(event: Happening): Promise<void> {
    switch (event.what) {
      case 'top-up':
        return void (await database.prisma.$transaction(async (db) =>
          services.ledger.grant(db, { ...money(event.ref, event.ms), kind: 'credit_purchase' }),
        ))
      case 'refund':
        return void (await database.prisma.$transaction(async (db) =>
          services.ledger.takeBack(db, {
            ...money(event.ref + 100, event.ms),
            kind: 'purchase_reversal',
          }),
        ))
      case 'return':
        return void (await database.prisma.$transaction(async (db) =>
          services.ledger.grant(db, {
            ...money(event.ref + 200, event.ms),
            kind: 'reversal_returned',
          }),
        ))
      case 'open':
        return open(processOf(event.process))
      case 'take over':
        return open(processOf(event.process), sessionOf(event.session)?.sessionId)
      case 'audio': {
        const session = sessionOf(event.session)
        if (session) session.audioMs = Math.min(session.coveredMs, session.audioMs + event.ms)
        return
      }
      case 'extend': {
        const session = sessionOf(event.session)
        if (!session) return
        const before = session.coveredMs
        const extended = await session.leases.extend({ ...session, userId })
        if (extended.outcome !== 'extended') return
        // Audio that is covered stays covered.
        expect(extended.coveredMs).toBeGreaterThanOrEqual(before)
        session.coveredMs = Math.max(session.coveredMs, extended.coveredMs)
        return
      }
      case 'beat': {
        const leases = processOf(event.process)
        const own = sessions.filter((session) => session.leases === leases)
        return void (await leases.beat(
          own.map(({ sessionId, audioMs }) => ({ sessionId, userId, audioMs })),
        ))
      }
      case 'settle': {
        const session = sessionOf(event.session)
        if (!session) return
        const { sessionId, audioMs, leases } = session
        const how = { reason: 'upstream_lost', backend: 'whisper' } as const
        await leases.settle({ sessionId, userId, audioMs, creditedMs: event.creditedMs, ...how })
        return
      }
      case 'crash': {
        const dead = processOf(event.process)
        processes[event.process % 2] = services.newLeases(terms)
        const ids = sessions.filter(({ leases }) => leases === dead).map((s) => s.sessionId)
        const sql = `UPDATE leases SET expires_at = now() - interval '1 s' WHERE session_id = ANY($1)`
        return void (await database.query(sql, [ids]))
      }
      case 'reap':
        return void (await processOf(event.process).reap())
    }
  }

  for (const group of groups) {
    await Promise.all(group.map(happen))
    expect(await unbalancedUsers(database)).toEqual([])
  }
  return userId
}

test('whatever happens, in any order and at once, the books balance and no fact is booked twice', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (groups) => {
      const userId = await live(groups)
      const [balance] = await database.query(
        'SELECT available_ms >= 0 AND held_ms >= 0 AND owed_ms >= 0 AS sound FROM credit_balance WHERE user_id = $1',
        [userId],
      )
      expect(balance).toEqual({ sound: true })
      // Every lease that ended has one entry, of what was used of it; no other lease has one.
      const wrong = await database.query(
        `SELECT l.session_id, l.seq FROM leases l
         LEFT JOIN usage_ledger e ON e.ref = 'lease:' || l.session_id || ':' || l.seq
         WHERE l.user_id = $1
         GROUP BY l.session_id, l.seq
         HAVING count(e.id) <> CASE WHEN l.state = 'active' THEN 0 ELSE 1 END
           OR coalesce(-sum(e.delta_ms), 0) <> CASE WHEN l.state = 'active' THEN 0 ELSE l.used_ms END`,
        [userId],
      )
      expect(wrong).toEqual([])
      // Leases of a session follow each other without gap or overlap, and never two are active.
      const broken = await database.query(
        `SELECT * FROM (
           SELECT start_ms, lag(start_ms + used_ms) OVER w AS previous_end_ms, state,
             lead(seq) OVER w AS next_seq
           FROM leases WHERE user_id = $1 WINDOW w AS (PARTITION BY session_id ORDER BY seq)
         ) AS chain
         WHERE start_ms <> coalesce(previous_end_ms, 0) OR (state = 'active' AND next_seq IS NOT NULL)`,
        [userId],
      )
      expect(broken).toEqual([])
    }),
    { numRuns: 40 },
  )
}, 120_000)
