import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { Leases } from './leases.ts'

let database: TestDatabase
let services: TestServices
let count = 0

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

async function newUser(creditMs: number): Promise<string> {
  const email = `user${count++}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  if (creditMs > 0) await topUp(user.id, creditMs)
  return user.id
}

const topUp = async (userId: string, amountMs: number) =>
  database.prisma.$transaction(async (db) => {
    const ref = `top-up:${count++}`
    const kind = 'starting_credit'
    await services.ledger.grant(db, { userId, amountMs, ref, kind, description: 'test' })
  })

const opening = (userId: string) =>
  ({ userId, mode: 'managed', backend: 'whisper', model: null, language: 'en' }) as const

async function openSession(leases: Leases, userId: string, takeOver?: string) {
  const opened = await leases.open(opening(userId), takeOver)
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  return opened
}

const end = (sessionId: string, userId: string, audioMs: number) =>
  ({ sessionId, userId, audioMs, reason: 'stopped', creditedMs: 0, backend: 'whisper' }) as const

const balance = async (userId: string) => services.ledger.balance(database.prisma, userId)
const row = async (id: string) =>
  database.prisma.transcriptionSession.findUniqueOrThrow({ where: { id } })
const entries = async (sessionId: string) => {
  const sql = 'SELECT ref, delta_ms FROM usage_ledger WHERE session_id = $1 ORDER BY recorded_at'
  const rows = await database.query(sql, [sessionId])
  return rows.map(({ ref, delta_ms: deltaMs }) => [ref, Number(deltaMs)])
}
/** Balances that some transaction keeps locked. */
const heldLocks = async () => {
  const sql =
    "SELECT 1 FROM pg_locks WHERE relation = 'credit_balance'::regclass AND mode = 'RowShareLock'"
  return (await database.query(sql)).length
}
/** What the passing of time does to leases without heartbeats. */
const expire = async (...sessionIds: string[]) =>
  database.query(
    `UPDATE leases SET expires_at = now() - interval '1 s' WHERE session_id = ANY($1)`,
    [sessionIds],
  )

test('a session is charged exactly what it used, and the rest of its lease is free again', async () => {
  const leases = services.newLeases()
  const userId = await newUser(100_000)
  const { sessionId, coveredMs } = await openSession(leases, userId)
  expect(coveredMs).toBe(60_000)
  expect(await balance(userId)).toMatchObject({ availableMs: 40_000, heldMs: 60_000 })
  expect(await leases.settle(end(sessionId, userId, 12_345))).toBe('settled')
  expect(await balance(userId)).toMatchObject({ availableMs: 87_655, heldMs: 0 })
  expect(await entries(sessionId)).toEqual([[`lease:${sessionId}:0`, -12_345]])
  expect(await row(sessionId)).toMatchObject({
    status: 'completed',
    endReason: 'stopped',
    usedMs: 12_345n,
  })
})

test('the first end of a session holds, however many report it at once', async () => {
  const leases = services.newLeases()
  const userId = await newUser(60_000)
  const { sessionId } = await openSession(leases, userId)
  const ends = Array.from({ length: 6 }, async (_, i) =>
    leases.settle(end(sessionId, userId, 1000 * (i + 1))),
  )
  expect(new Set(await Promise.all(ends))).toEqual(new Set(['settled']))
  const [entry, ...more] = await entries(sessionId)
  expect(more).toEqual([])
  expect(await balance(userId)).toMatchObject({ availableMs: 60_000 + Number(entry?.[1]) })
})

test('an end without audio costs nothing, and without credit no session begins', async () => {
  const leases = services.newLeases()
  const userId = await newUser(500)
  const { sessionId, coveredMs } = await openSession(leases, userId)
  expect(coveredMs).toBe(500)
  expect(await leases.open(opening(userId))).toEqual({ outcome: 'credit_in_use' })
  await leases.settle(end(sessionId, userId, 0))
  expect(await balance(userId)).toMatchObject({ availableMs: 500, heldMs: 0 })
  expect(await leases.open(opening(await newUser(0)))).toEqual({ outcome: 'insufficient_credits' })
})

test('extending never takes more than a lease ahead of what is used, nor more than there is', async () => {
  const leases = services.newLeases()
  const userId = await newUser(100_000)
  const { sessionId } = await openSession(leases, userId)
  const extend = async (audioMs: number) => leases.extend({ sessionId, userId, audioMs })
  expect(await extend(35_000)).toMatchObject({ coveredMs: 95_000, availableMs: 5000 })
  expect(await extend(35_000)).toMatchObject({ coveredMs: 95_000, availableMs: 5000 })
  expect(await extend(70_000)).toMatchObject({ coveredMs: 100_000, availableMs: 0 })
  expect(await extend(80_000)).toMatchObject({ coveredMs: 100_000, availableMs: 0 })
  await topUp(userId, 7000)
  expect(await extend(99_000)).toMatchObject({ coveredMs: 107_000, availableMs: 0 })
  await leases.settle(end(sessionId, userId, 107_000))
  expect(await balance(userId)).toMatchObject({ availableMs: 0, heldMs: 0 })
  expect(await entries(sessionId)).toEqual([[`lease:${sessionId}:0`, -107_000]])
})

test('a long session has an entry for each of its leases, which add up to its audio', async () => {
  const leases = services.newLeases({ settleEveryMs: 30_000 })
  const userId = await newUser(500_000)
  const { sessionId } = await openSession(leases, userId)
  let coveredMs = 60_000
  for (let audioMs = 31_000; audioMs < 200_000; audioMs += 17_000) {
    const extended = await leases.extend({ sessionId, userId, audioMs })
    if (extended.outcome !== 'extended') throw new Error(extended.outcome)
    expect(extended.coveredMs).toBeGreaterThanOrEqual(coveredMs)
    ;({ coveredMs } = extended)
    expect(coveredMs - audioMs).toBe(60_000)
  }
  await leases.settle(end(sessionId, userId, 200_001))
  const booked = await entries(sessionId)
  expect(booked.map(([ref]) => ref)).toEqual(booked.map((_, i) => `lease:${sessionId}:${i}`))
  expect(booked.length).toBeGreaterThan(3)
  expect(booked.reduce((sum, [, deltaMs]) => sum + Number(deltaMs), 0)).toBe(-200_001)
  expect(await row(sessionId)).toMatchObject({ usedMs: 200_001n })
})

test('a heartbeat tells what is left, and never counts backwards or beyond the lease', async () => {
  const leases = services.newLeases()
  const userId = await newUser(100_000)
  const { sessionId } = await openSession(leases, userId)
  const used = async () =>
    Number((await database.prisma.lease.findFirstOrThrow({ where: { sessionId } })).usedMs)
  await leases.beat([{ sessionId, userId, audioMs: 5000 }])
  expect(await leases.beat([{ sessionId, userId, audioMs: 6000 }])).toMatchObject([
    { sessionId, availableMs: 40_000, unspentMs: 95_000 },
  ])
  await leases.beat([{ sessionId, userId, audioMs: 3000 }])
  expect(await used()).toBe(6000)
  await leases.beat([{ sessionId, userId, audioMs: 1e9 }])
  expect(await used()).toBe(60_000)
  await leases.settle(end(sessionId, userId, 6000))
})

test('what a dead process left behind is settled at its last heartbeat, by one of many', async () => {
  const dead = services.newLeases()
  const userId = await newUser(100_000)
  const { sessionId } = await openSession(dead, userId)
  await dead.beat([{ sessionId, userId, audioMs: 7000 }])
  expect(await services.newLeases().reap()).toBe(0)
  await expire(sessionId)
  const reapers = Array.from({ length: 4 }, async () => services.newLeases().reap())
  expect((await Promise.all(reapers)).reduce((sum, n) => sum + n, 0)).toBe(1)
  expect(await balance(userId)).toMatchObject({ availableMs: 93_000, heldMs: 0 })
  expect(await row(sessionId)).toMatchObject({
    status: 'terminated',
    endReason: 'lease_lost',
    usedMs: 7000n,
  })
})

test('a process that comes back from the dead has no say any more', async () => {
  const zombie = services.newLeases()
  const userId = await newUser(100_000)
  const { sessionId } = await openSession(zombie, userId)
  await zombie.beat([{ sessionId, userId, audioMs: 7000 }])
  await expire(sessionId)
  await services.newLeases().reap()
  expect(await zombie.beat([{ sessionId, userId, audioMs: 30_000 }])).toEqual([])
  expect(await zombie.extend({ sessionId, userId, audioMs: 30_000 })).toEqual({ outcome: 'lost' })
  expect(await zombie.settle(end(sessionId, userId, 30_000))).toBe('lost')
  expect(await balance(userId)).toMatchObject({ availableMs: 93_000, heldMs: 0 })
})

test('no other process can extend, settle or keep alive a lease', async () => {
  const owner = services.newLeases()
  const other = services.newLeases()
  const userId = await newUser(100_000)
  const { sessionId } = await openSession(owner, userId)
  expect(await other.beat([{ sessionId, userId, audioMs: 1 }])).toEqual([])
  expect(await other.extend({ sessionId, userId, audioMs: 1 })).toEqual({ outcome: 'lost' })
  await other.settle(end(sessionId, userId, 50_000))
  expect(await owner.settle(end(sessionId, userId, 1000))).toBe('settled')
  expect(await balance(userId)).toMatchObject({ availableMs: 99_000 })
})

test('a user has at most two sessions over all processes, however many are opened at once', async () => {
  const processes = [services.newLeases(), services.newLeases()]
  const userId = await newUser(1_000_000)
  const opens = Array.from({ length: 12 }, async (_, i) => processes[i % 2]?.open(opening(userId)))
  const outcomes = (await Promise.all(opens)).map((opened) => opened?.outcome)
  expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(2)
  expect(outcomes.filter((outcome) => outcome === 'too_many_connections')).toHaveLength(10)
})

test('sessions opened at once never get more than there is', async () => {
  const leases = services.newLeases({ sessionsMaxPerUser: 64 })
  const userId = await newUser(10_000)
  const opens = Array.from({ length: 16 }, async () => leases.open(opening(userId)))
  const covered = (await Promise.all(opens)).map((opened) =>
    opened.outcome === 'opened' ? opened.coveredMs : 0,
  )
  expect(covered.reduce((sum, ms) => sum + ms, 0)).toBe(10_000)
})

/** What the passing of so much time without a heartbeat does. */
const fallSilent = async (sessionId: string) =>
  database.query(`UPDATE leases SET expires_at = now() + interval '12 s' WHERE session_id = $1`, [
    sessionId,
  ])

test('a user at the limit takes over at once, and the credit stays held until it is settled', async () => {
  const owner = services.newLeases()
  const alive = services.newLeases()
  const userId = await newUser(200_000)
  const first = await openSession(owner, userId)
  await openSession(owner, userId)
  expect(await alive.open(opening(userId))).toEqual({ outcome: 'too_many_connections' })
  await openSession(alive, userId, first.sessionId)
  expect(await balance(userId)).toMatchObject({ availableMs: 20_000, heldMs: 180_000 })
  // Its owner lives: it is told, may not extend, and settles what it forwarded to the ms.
  const usage = { sessionId: first.sessionId, userId, audioMs: 21_000 }
  expect(await owner.extend(usage)).toEqual({ outcome: 'lost' })
  expect(await owner.beat([usage])).toMatchObject([{ takenOver: true }])
  expect(await owner.settle(end(first.sessionId, userId, 21_007))).toBe('settled')
  expect(await balance(userId)).toMatchObject({ availableMs: 58_993, heldMs: 120_000 })
})

test('the last credit is taken over once its owner has settled it, or has fallen silent', async () => {
  const owner = services.newLeases()
  const alive = services.newLeases()
  const userId = await newUser(60_000)
  const first = await openSession(owner, userId)
  expect(await alive.open(opening(userId))).toEqual({ outcome: 'credit_in_use' })
  const takingOver = { outcome: 'taking_over' }
  expect(await alive.open(opening(userId), first.sessionId)).toEqual(takingOver)
  await owner.settle(end(first.sessionId, userId, 20_000))
  const second = await openSession(alive, userId, first.sessionId)
  expect(second.coveredMs).toBe(40_000)
  await alive.beat([{ sessionId: second.sessionId, userId, audioMs: 5000 }])
  await fallSilent(second.sessionId)
  const third = await openSession(owner, userId, second.sessionId)
  expect(third.coveredMs).toBe(35_000)
  expect(await row(second.sessionId)).toMatchObject({ status: 'terminated', usedMs: 5000n })
})

test('nobody takes over the session of another user', async () => {
  const leases = services.newLeases()
  const victim = await newUser(60_000)
  const { sessionId } = await openSession(leases, victim)
  await openSession(leases, await newUser(60_000), sessionId)
  expect(await leases.beat([{ sessionId, userId: victim, audioMs: 1 }])).toHaveLength(1)
})

test('expired leases do not stand in the way of a new session before anybody reaps them', async () => {
  const leases = services.newLeases()
  const userId = await newUser(60_000)
  const { sessionId } = await openSession(leases, userId)
  await leases.beat([{ sessionId, userId, audioMs: 10_000 }])
  await expire(sessionId)
  expect((await openSession(services.newLeases(), userId)).coveredMs).toBe(50_000)
})

test('audio whose words never came is given back in an entry of its own, once', async () => {
  const leases = services.newLeases()
  const userId = await newUser(60_000)
  const { sessionId } = await openSession(leases, userId)
  const failed = {
    ...end(sessionId, userId, 9000),
    reason: 'upstream_lost',
    creditedMs: 2500,
  } as const
  await leases.settle(failed)
  await leases.settle(failed)
  expect(await balance(userId)).toMatchObject({ availableMs: 53_500, heldMs: 0 })
  expect(await entries(sessionId)).toEqual([
    [`lease:${sessionId}:0`, -9000],
    [`upstream_failure:${sessionId}:0`, 2500],
  ])
})

test('extending, heartbeats, reaping and settling at once end in books that balance', async () => {
  const leases = services.newLeases({ settleEveryMs: 1000 })
  const reaper = services.newLeases()
  const userId = await newUser(300_000)
  const { sessionId } = await openSession(leases, userId)
  const other = await openSession(leases, userId)
  const storm: Promise<unknown>[] = []
  for (let audioMs = 0; audioMs < 40_000; audioMs += 2000) {
    storm.push(leases.extend({ sessionId, userId, audioMs }))
    storm.push(
      leases.beat([
        { sessionId, userId, audioMs },
        { sessionId: other.sessionId, userId, audioMs },
      ]),
    )
    storm.push(leases.extend({ sessionId: other.sessionId, userId, audioMs }))
    storm.push(reaper.reap())
    // No more at once than there are connections: who waits too long for one is refused.
    if (storm.length >= 8) await Promise.all(storm.splice(0))
  }
  await Promise.all(storm)
  await leases.settle(end(sessionId, userId, 40_000))
  await leases.settle(end(other.sessionId, userId, 41_000))
  expect(await balance(userId)).toMatchObject({ availableMs: 219_000, heldMs: 0 })
})

test('a process that freezes inside a transaction locks its users out for seconds only', async () => {
  const userId = await newUser(60_000)
  const frozen = database.prisma.$transaction(async (db) => {
    await services.ledger.lock(db, userId)
    await new Promise((resolve) => setTimeout(resolve, 9000))
    await services.ledger.lock(db, userId)
  })
  const failed = frozen.catch((error: unknown) => error)
  await vi.waitUntil(async () => (await heldLocks()) > 0, patient)
  const startedAtMs = performance.now()
  await openSession(services.newLeases(), userId)
  expect(performance.now() - startedAtMs).toBeLessThan(8000)
  expect(await failed).toBeInstanceOf(Error)
})
