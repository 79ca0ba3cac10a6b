import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { KeptLease } from './kept-lease.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import type { LeaseTerms } from './leases.ts'

const EXPIRY_MS = 1500

let database: TestDatabase
let services: TestServices
beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

/** For processes that must be held alive, however busy the machine is. */
const STEADY = { expiryMs: 15_000, staleMs: 1500 }

/**
 * One server process, which can be cut off from the database (`deaf`: only from its answers) and
 * whose clock can jump.
 */
function startProcess(other: Partial<LeaseTerms> = {}): ReturnType<typeof createLeaseKeeper> & {
  away: boolean
  deaf: boolean
  jump: (ms: number) => void
} {
  let jumpedMs = 0
  const terms = {
    leaseMs: 60_000,
    settleEveryMs: 600_000,
    expiryMs: EXPIRY_MS,
    staleMs: 300,
    sessionsMaxPerUser: 2,
    ...other,
  }
  const leases = services.newLeases(terms)
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    if (process.away) throw new Error('the database is away')
    const answer = await call()
    if (process.deaf) throw new Error('the answer got lost')
    return answer
  }
  const keeper = createLeaseKeeper({
    leases: {
      open: async (...args) => reach(async () => leases.open(...args)),
      extend: async (usage) => reach(async () => leases.extend(usage)),
      beat: async (usages) => reach(async () => leases.beat(usages)),
      settle: async (end) => reach(async () => leases.settle(end)),
      reap: async () => reach(async () => leases.reap()),
      resume: async (request) => reach(async () => leases.resume(request)),
      note: async (...args) => reach(async () => leases.note(...args)),
      amend: async (amendment) => reach(async () => leases.amend(amendment)),
    },
    terms,
    flushMs: 50,
    now: () => performance.now() + jumpedMs,
    log: pino({ level: 'silent' }),
  })
  keeper.start()
  onTestFinished(keeper.stop)
  const jump = (ms: number): void => void (jumpedMs += ms)
  const process = { ...keeper, away: false, deaf: false, jump }
  return process
}

async function newUser(creditMs: number): Promise<string> {
  const email = `${randomUUID()}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  await topUp(user.id, creditMs)
  return user.id
}

const topUp = async (userId: string, amountMs: number) =>
  database.prisma.$transaction(async (db) => {
    const entry = { userId, amountMs, ref: randomUUID(), description: 'test' }
    await services.ledger.grant(db, { ...entry, kind: 'starting_credit' })
  })

async function openLease(
  keeper: Pick<ReturnType<typeof startProcess>, 'open'>,
  userId: string,
): Promise<KeptLease> {
  const session = { userId, mode: 'managed', backend: 'whisper', model: null } as const
  const opened = await keeper.open({ ...session, language: null })
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  return opened.lease
}

const end = (audioMs: number) =>
  ({ audioMs, reason: 'stopped', creditedMs: 0, backend: 'whisper' }) as const
const available = async (userId: string) =>
  (await services.ledger.balance(database.prisma, userId)).availableMs
const usedInBooks = async (sessionId: string) =>
  Number((await database.prisma.lease.findFirstOrThrow({ where: { sessionId } })).usedMs)
const granted = async (sessionId: string) =>
  Number((await database.prisma.lease.findFirstOrThrow({ where: { sessionId } })).grantedMs)

/** A process that never says that it lives. */
function startSilentProcess(): ReturnType<typeof createLeaseKeeper> {
  const { stop, ...process } = startProcess()
  stop()
  return { stop, ...process }
}

/** Until some transaction waits for another's lock. */
const lockIsWaitedFor = async () =>
  vi.waitUntil(
    async () => (await database.query('SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0,
    patient,
  )

test('the cover grows by itself before it is used up', async () => {
  const lease = await openLease(startProcess(), await newUser(200_000))
  lease.forwarded(29_000)
  // 0 for a moment where the machine has just stood still.
  await vi.waitFor(() => expect(lease.coveredMs()).toBe(60_000), patient)
  lease.forwarded(31_000)
  await vi.waitFor(() => expect(lease.coveredMs()).toBe(91_000), patient)
  await lease.settle(end(31_000))
})

test('what was forwarded is in the books within a heartbeat', async () => {
  const lease = await openLease(startProcess(), await newUser(60_000))
  lease.forwarded(1234)
  await vi.waitFor(async () => expect(await usedInBooks(lease.sessionId)).toBe(1234), patient)
  await lease.settle(end(1234))
})

test('without credit the cover stays as it is, and a top-up makes it grow again', async () => {
  const process = startProcess()
  const userId = await newUser(10_000)
  const lease = await openLease(process, userId)
  expect(await lease.extend(10_000)).toBe('dry')
  const unspent: number[] = []
  lease.watch({ onLost: () => undefined, onUnspent: (ms) => unspent.push(ms) })
  await vi.waitFor(() => expect(unspent).toContain(10_000), patient)
  await topUp(userId, 30_000)
  await vi.waitFor(() => expect(unspent.at(-1)).toBe(40_000), patient)
  lease.forwarded(9000)
  await vi.waitFor(() => expect(lease.coveredMs()).toBe(40_000), patient)
  await lease.settle(end(9000))
  expect(await available(userId)).toBe(31_000)
})

test('a process that was frozen past the expiry covers nothing until it knows, and then is told', async () => {
  const frozen = startProcess()
  const userId = await newUser(200_000)
  const lease = await openLease(frozen, userId)
  let lost = 0
  lease.watch({ onLost: () => (lost += 1), onUnspent: () => undefined })
  lease.forwarded(5000)
  await vi.waitFor(async () => expect(await usedInBooks(lease.sessionId)).toBe(5000), patient)
  // Nobody hears of it for longer than the expiry, so another process settles it.
  frozen.away = true
  startProcess()
  await vi.waitFor(async () => expect(await available(userId)).toBe(195_000), patient)
  frozen.away = false
  frozen.jump(EXPIRY_MS)
  expect(lease.coveredMs()).toBe(0)
  expect(await lease.extend(0)).toBe('lost')
  expect(lost).toBe(1)
  expect(await lease.settle(end(30_000))).toBe('lost')
  expect(await available(userId)).toBe(195_000)
})

test('a frozen process whose leases nobody took goes on', async () => {
  const frozen = startProcess()
  const lease = await openLease(frozen, await newUser(200_000))
  frozen.jump(EXPIRY_MS)
  expect(lease.coveredMs()).toBe(0)
  expect(await lease.extend(0)).toBe('covered')
  expect(lease.coveredMs()).toBe(60_000)
  expect(await lease.settle(end(1000))).toBe('settled')
})

test('a session that was taken over elsewhere is lost within a heartbeat', async () => {
  const userId = await newUser(200_000)
  const lease = await openLease(startProcess(), userId)
  const lost = new Promise<void>((resolve) => {
    lease.watch({ onLost: () => resolve(), onUnspent: () => undefined })
  })
  const opening = { userId, mode: 'managed', backend: 'whisper', model: null } as const
  const taken = await startProcess().open({ ...opening, language: null }, lease.sessionId)
  await lost
  expect(lease.coveredMs()).toBe(0)
  if (taken.outcome === 'opened') await taken.lease.settle(end(0))
})

test('cover that is asked for while the database is away comes when it is back', async () => {
  const process = startProcess()
  const lease = await openLease(process, await newUser(200_000))
  lease.forwarded(20_000)
  process.away = true
  const extended = lease.extend(60_000)
  await new Promise((resolve) => setTimeout(resolve, 400))
  process.away = false
  expect(await extended).toBe('covered')
  expect(lease.coveredMs()).toBe(80_000)
  await lease.settle(end(20_000))
})

test('a database that stays away costs the session, not the process, and the end is put off', async () => {
  const process = startProcess()
  const userId = await newUser(200_000)
  const lease = await openLease(process, userId)
  process.away = true
  process.jump(3 * EXPIRY_MS)
  expect(await lease.extend(0)).toBe('lost')
  expect(await lease.settle(end(7000))).toBe('postponed')
  process.away = false
  await process.settled()
  expect(await available(userId)).toBe(193_000)
})

test('after an outage nobody is taken for dead before everybody could say that they live', async () => {
  const [one, two] = [startProcess(), startProcess()]
  const userId = await newUser(200_000)
  const lease = await openLease(one, userId)
  one.away = true
  two.away = true
  await new Promise((resolve) => setTimeout(resolve, EXPIRY_MS + 300))
  // The other one comes back first: its reaper must wait for this one's heartbeat.
  two.away = false
  await new Promise((resolve) => setTimeout(resolve, 300))
  one.away = false
  await vi.waitFor(() => expect(lease.coveredMs()).toBe(60_000), patient)
  expect(await lease.settle(end(1000))).toBe('settled')
})

test('the last credit is taken over from a living process within a heartbeat, to the ms', async () => {
  const userId = await newUser(60_000)
  const lease = await openLease(startProcess(STEADY), userId)
  lease.forwarded(4000)
  lease.watch({ onLost: () => void lease.settle(end(4321)), onUnspent: () => undefined })
  const successor = startProcess(STEADY)
  const opening = { userId, mode: 'managed', backend: 'whisper', model: null } as const
  const opened = await successor.open({ ...opening, language: null }, lease.sessionId)
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  expect(opened.lease.coveredMs()).toBe(60_000 - 4321)
  await opened.lease.settle(end(0))
})

test('who waits for cover goes on as soon as the lease is known to be theirs', async () => {
  const process = startProcess()
  const lease = await openLease(process, await newUser(200_000))
  process.away = true
  process.jump(EXPIRY_MS)
  const extended = lease.extend(0)
  await new Promise((resolve) => setTimeout(resolve, 100))
  process.away = false
  // A heartbeat comes first, and then there is nothing left for the extension to add.
  await vi.waitFor(() => expect(lease.coveredMs()).toBe(60_000), patient)
  expect(await extended).toBe('covered')
  await lease.settle(end(0))
})

test('heartbeats do not wait for the settling of a dead process’s leases', async () => {
  const process = startProcess()
  const lease = await openLease(process, await newUser(60_000))
  const deadUser = await newUser(60_000)
  const dead = await openLease(startSilentProcess(), deadUser)
  await database.prisma.$transaction(async (db) => {
    await services.ledger.lock(db, deadUser)
    await database.query('UPDATE leases SET expires_at = now() WHERE session_id = $1', [
      dead.sessionId,
    ])
    await lockIsWaitedFor()
    lease.forwarded(1234)
    await vi.waitFor(async () => expect(await usedInBooks(lease.sessionId)).toBe(1234), patient)
  })
  await vi.waitFor(async () => expect(await available(deadUser)).toBe(60_000), patient)
  await lease.settle(end(1234))
})

test('a frozen process that wakes covers nothing before it knows that nobody took over', async () => {
  const frozen = startProcess()
  const userId = await newUser(10_000)
  const lease = await openLease(frozen, userId)
  const lost = new Promise<void>((resolve) => {
    lease.watch({ onLost: () => resolve(), onUnspent: () => undefined })
  })
  frozen.away = true
  const opening = { userId, mode: 'managed', backend: 'whisper', model: null } as const
  const taken = await startProcess().open({ ...opening, language: null }, lease.sessionId)
  if (taken.outcome !== 'opened') throw new Error(taken.outcome)
  await vi.waitFor(() => expect(taken.lease.coveredMs()).toBe(10_000), patient)
  // Not as long as the expiry, but long enough to be taken for dead.
  frozen.jump(400)
  expect(lease.coveredMs()).toBe(0)
  frozen.away = false
  await lost
  await taken.lease.settle(end(0))
})

test('cover whose answer got lost is not forgotten, although it was the last', async () => {
  const process = startProcess()
  const lease = await openLease(process, await newUser(70_000))
  lease.forwarded(20_000)
  process.deaf = true
  const extended = lease.extend(60_000)
  await vi.waitFor(async () => expect(await granted(lease.sessionId)).toBe(70_000), patient)
  process.deaf = false
  expect(await extended).toBe('covered')
  expect(lease.coveredMs()).toBe(70_000)
  await lease.settle(end(20_000))
})

test('who would take over a session that does not end is told so, and not that credit is used up', async () => {
  const userId = await newUser(60_000)
  const lease = await openLease(startProcess(STEADY), userId)
  const opening = { userId, mode: 'managed', backend: 'whisper', model: null } as const
  const refused = await startProcess(STEADY).open({ ...opening, language: null }, lease.sessionId)
  expect(refused).toEqual({ outcome: 'taking_over' })
  await lease.settle(end(0))
})

test('who holds which token is written down once the database is back', async () => {
  const process = startProcess()
  const opened = await process.open({
    userId: await newUser(60_000),
    mode: 'managed',
    backend: 'whisper',
    model: null,
    language: null,
    resumeTokenHash: '0'.repeat(64),
  })
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  const { lease } = opened
  process.away = true
  await lease.note({ isCut: true })
  await lease.note({ isCut: false, tokenHash: '1'.repeat(64) })
  process.away = false
  const where = { id: lease.sessionId }
  await vi.waitFor(async () => {
    const row = await database.prisma.transcriptionSession.findUniqueOrThrow({ where })
    expect(row).toMatchObject({ cutAt: null, resumeTokenHash: '1'.repeat(64) })
  }, patient)
})
