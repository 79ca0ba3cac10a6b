import { createHash, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { Leases } from './leases.ts'

const WINDOW_MS = 60_000
const hash = (token: string): string => createHash('sha256').update(token).digest('hex')

let database: TestDatabase
let services: TestServices
beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

async function newUser(creditMs = 600_000): Promise<string> {
  const email = `${randomUUID()}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  await database.prisma.$transaction(async (db) =>
    services.ledger.grant(db, {
      userId: user.id,
      amountMs: creditMs,
      kind: 'operator_grant',
      ref: randomUUID(),
      description: 'test',
    }),
  )
  return user.id
}

/** A session whose client holds the token `first`, of which 5 s are on the books. */
async function startSession(leases: Leases, userId: string): Promise<string> {
  const opened = await leases.open({
    userId,
    mode: 'managed',
    backend: 'whisper',
    model: null,
    language: null,
    resumeTokenHash: hash('first'),
  })
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  const { sessionId } = opened
  const progress = { heardMs: 5000, horizonMs: 4000, replayedMs: 0 }
  await leases.beat([{ sessionId, userId, audioMs: 5000, progress }])
  return sessionId
}

const request = (userId: string, sessionId: string, token = 'first') => ({
  userId,
  sessionId,
  tokenHash: hash(token),
  nextTokenHash: hash('second'),
  windowMs: WINDOW_MS,
})
const row = async (id: string) =>
  database.prisma.transcriptionSession.findUniqueOrThrow({ where: { id } })
/** As if the last heartbeat had been so long ago. */
const silence = async (sessionId: string, agoMs: number): Promise<unknown> =>
  database.query(
    `UPDATE leases SET expires_at = now() + ($2::float8 - $3::float8) * interval '1 ms'
     WHERE session_id = $1 AND state = 'active'`,
    [sessionId, 15_000, agoMs],
  )

test('the session of a dead process goes on where its last heartbeat left it, in the same row', async () => {
  const [dead, next] = [services.newLeases(), services.newLeases()]
  const userId = await newUser()
  const sessionId = await startSession(dead, userId)
  await silence(sessionId, 4000)
  const resumed = await next.resume(request(userId, sessionId))
  expect(resumed).toMatchObject({
    outcome: 'resumed',
    sessionId,
    billedMs: 5000,
    coveredMs: 65_000,
    progress: { heardMs: 5000, horizonMs: 4000, replayedMs: 0 },
    // What was heard after the last heartbeat is ours.
    heardMaxMs: 7500,
  })
  expect(await row(sessionId)).toMatchObject({
    status: 'active',
    endedAt: null,
    endReason: null,
    cutAt: null,
    resumeTokenHash: hash('second'),
  })
  await next.settle({
    sessionId,
    userId,
    audioMs: 8000,
    reason: 'stopped',
    creditedMs: 0,
    backend: 'whisper',
  })
  const entries = await database.prisma.usageLedgerEntry.findMany({ where: { sessionId } })
  expect(entries.map(({ ref, deltaMs }) => [ref, deltaMs])).toEqual([
    [`lease:${sessionId}:0`, -5000n],
    [`lease:${sessionId}:1`, -3000n],
  ])
})

test('the session of a living process is handed over, and settled to the millisecond before', async () => {
  const [old, next] = [services.newLeases(), services.newLeases()]
  const userId = await newUser()
  const sessionId = await startSession(old, userId)
  expect(await next.resume(request(userId, sessionId))).toEqual({ outcome: 'taking_over' })
  const [beat] = await old.beat([{ sessionId, userId, audioMs: 5500 }])
  expect(beat?.takenOver).toBe(true)
  await old.settle({
    sessionId,
    userId,
    audioMs: 5600,
    reason: 'lease_lost',
    creditedMs: 0,
    backend: 'whisper',
    progress: { heardMs: 5600, horizonMs: 5200, replayedMs: 0 },
  })
  expect(await next.resume(request(userId, sessionId))).toMatchObject({
    outcome: 'resumed',
    billedMs: 5600,
    heardMaxMs: 5600,
    progress: { heardMs: 5600, horizonMs: 5200 },
  })
})

test('a token is good for one resume, of its own session, by its own user, in time', async () => {
  const [old, next] = [services.newLeases(), services.newLeases()]
  const [userId, stranger] = [await newUser(), await newUser()]
  const sessionId = await startSession(old, userId)
  const other = await startSession(old, userId)
  await silence(sessionId, 30_000)
  const refused = { outcome: 'not_resumable' }
  expect(await next.resume(request(stranger, sessionId))).toEqual(refused)
  expect(await next.resume(request(userId, sessionId, 'guess'))).toEqual(refused)
  expect(await next.resume(request(userId, sessionId))).toMatchObject({ outcome: 'resumed' })
  expect(await next.resume(request(userId, sessionId))).toEqual(refused)
  await silence(other, WINDOW_MS + 1000)
  expect(await next.resume(request(userId, other))).toEqual(refused)
})

test('of many who show one token at once, one goes on', async () => {
  const [old, next] = [services.newLeases(), services.newLeases()]
  const userId = await newUser()
  const sessionId = await startSession(old, userId)
  await silence(sessionId, 20_000)
  const attempts = Array.from({ length: 6 }, async () => next.resume(request(userId, sessionId)))
  const outcomes = (await Promise.all(attempts)).map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'resumed')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'not_resumable')).toHaveLength(5)
})

test('a session that ended for good cannot be resumed, nor one that another took the place of', async () => {
  const leases = services.newLeases()
  const userId = await newUser()
  for (const reason of ['unauthenticated', 'insufficient_credits', 'too_fast'] as const) {
    const sessionId = await startSession(leases, userId)
    await leases.settle({
      sessionId,
      userId,
      audioMs: 5000,
      reason,
      creditedMs: 0,
      backend: 'whisper',
    })
    expect(await row(sessionId)).toMatchObject({ resumeTokenHash: null, cutAt: null })
    const resumed = await leases.resume(request(userId, sessionId))
    expect(resumed).toEqual({ outcome: 'not_resumable' })
  }
  const sessionId = await startSession(leases, userId)
  const { outcome } = await leases.open(
    { userId, mode: 'managed', backend: 'whisper', model: null, language: null },
    sessionId,
  )
  expect(outcome).toBe('opened')
  expect(await leases.resume(request(userId, sessionId))).toEqual({ outcome: 'not_resumable' })
})

test('a session that its client stopped goes on once more, should the last words not have arrived', async () => {
  const leases = services.newLeases()
  const userId = await newUser()
  const sessionId = await startSession(leases, userId)
  const end = { sessionId, userId, reason: 'stopped', creditedMs: 0, backend: 'whisper' } as const
  const progress = { heardMs: 5000, horizonMs: 4000, replayedMs: 0 }
  await leases.settle({ ...end, audioMs: 5000, progress })
  expect(await row(sessionId)).toMatchObject({ status: 'completed', endReason: 'stopped' })
  const resumed = await leases.resume(request(userId, sessionId))
  expect(resumed).toMatchObject({ outcome: 'resumed', billedMs: 5000, progress })
  await leases.settle({ ...end, audioMs: 5000, progress })
  await database.query(
    `UPDATE transcription_sessions SET cut_at = now() - interval '61 s' WHERE id = $1`,
    [sessionId],
  )
  const late = { ...request(userId, sessionId), tokenHash: hash('second') }
  expect(await leases.resume(late)).toEqual({ outcome: 'not_resumable' })
})

test('a session whose credit is used up is not resumed, and its token stays good for more', async () => {
  const [old, next] = [services.newLeases(), services.newLeases()]
  const userId = await newUser(5000)
  const sessionId = await startSession(old, userId)
  await silence(sessionId, 10_000)
  const refusal = { outcome: 'insufficient_credits' }
  expect(await next.resume(request(userId, sessionId))).toEqual(refusal)
  await database.prisma.$transaction(async (db) =>
    services.ledger.grant(db, {
      userId,
      amountMs: 1000,
      kind: 'operator_grant',
      ref: randomUUID(),
      description: 'test',
    }),
  )
  expect(await next.resume(request(userId, sessionId))).toMatchObject({ outcome: 'resumed' })
})

test('the last credit is not kept from its user by a session whose client is away', async () => {
  const leases = services.newLeases()
  const userId = await newUser(8000)
  const sessionId = await startSession(leases, userId)
  const opening = {
    userId,
    mode: 'managed',
    backend: 'whisper',
    model: null,
    language: null,
  } as const
  expect(await leases.open(opening)).toEqual({ outcome: 'credit_in_use' })
  await leases.note(sessionId, { isCut: true })
  expect(await leases.open(opening)).toEqual({ outcome: 'taking_over' })
  // Asked again, before the process that keeps it has heard of it.
  expect(await leases.open(opening)).toEqual({ outcome: 'taking_over' })
  expect(await leases.beat([{ sessionId, userId, audioMs: 6000 }])).toMatchObject([
    { takenOver: true },
  ])
  await leases.settle({
    sessionId,
    userId,
    audioMs: 6000,
    reason: 'lease_lost',
    creditedMs: 0,
    backend: 'whisper',
  })
  expect(await leases.open(opening)).toMatchObject({ outcome: 'opened', coveredMs: 2000 })
})

test('audio that is given back is billed again when it is sent again', async () => {
  const leases = services.newLeases()
  const userId = await newUser()
  const sessionId = await startSession(leases, userId)
  await leases.settle({
    sessionId,
    userId,
    audioMs: 5000,
    reason: 'upstream_lost',
    creditedMs: 1000,
    backend: 'whisper',
    progress: { heardMs: 4000, horizonMs: 4000, replayedMs: 0 },
  })
  const resumed = await leases.resume(request(userId, sessionId))
  expect(resumed).toMatchObject({ billedMs: 5000, heardMaxMs: 4000, progress: { heardMs: 4000 } })
})

test('words that a backend loses after its session was handed over are given back, once, or are free', async () => {
  const [old, next] = [services.newLeases(), services.newLeases()]
  const userId = await newUser()
  const drain = async (sessionId: string) =>
    old.settle({
      sessionId,
      userId,
      audioMs: 5000,
      reason: 'server_draining',
      creditedMs: 0,
      backend: 'whisper',
      progress: { heardMs: 5000, horizonMs: 3000, replayedMs: 0 },
    })
  const credited = async (sessionId: string) =>
    database.prisma.usageLedgerEntry.findMany({
      where: { sessionId, kind: 'upstream_failure_credit' },
    })
  const left = await startSession(old, userId)
  await drain(left)
  const amendment = { sessionId: left, userId, receipt: undefined, goodMs: 3500 }
  await old.amend(amendment)
  await old.amend(amendment)
  expect(await credited(left)).toMatchObject([{ deltaMs: 1500n }])

  const moved = await startSession(old, userId)
  await drain(moved)
  expect(await next.resume(request(userId, moved))).toMatchObject({ outcome: 'resumed' })
  await old.amend({ ...amendment, sessionId: moved })
  expect(await credited(moved)).toEqual([])
})

test('who is cut off is noted by the process that runs the session, and by no other', async () => {
  const [own, other] = [services.newLeases(), services.newLeases()]
  const userId = await newUser()
  const sessionId = await startSession(own, userId)
  await other.note(sessionId, { isCut: true, tokenHash: hash('wrong') })
  expect(await row(sessionId)).toMatchObject({ cutAt: null, resumeTokenHash: hash('first') })
  await own.note(sessionId, { isCut: true })
  expect((await row(sessionId)).cutAt).not.toBeNull()
  await own.note(sessionId, { isCut: false, tokenHash: hash('second') })
  expect(await row(sessionId)).toMatchObject({ cutAt: null, resumeTokenHash: hash('second') })
})

test('a cut session that nobody resumes ends with its process, cut when it was cut', async () => {
  const [dead, next] = [services.newLeases(), services.newLeases()]
  const userId = await newUser()
  const sessionId = await startSession(dead, userId)
  await dead.note(sessionId, { isCut: true })
  const { cutAt } = await row(sessionId)
  await silence(sessionId, 16_000)
  await vi.waitFor(async () => {
    await next.reap()
    expect(await row(sessionId)).toMatchObject({ status: 'terminated', endReason: 'lease_lost' })
  })
  expect((await row(sessionId)).cutAt).toEqual(cutAt)
  expect((await row(sessionId)).endedAt).not.toBeNull()
})
