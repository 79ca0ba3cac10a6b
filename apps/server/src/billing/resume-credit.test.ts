import { expect, test } from 'vitest'
import { request, setResumeStage } from './testing/resume-stage.ts'

const stage = setResumeStage()

test('a session whose credit is used up is not resumed, and its token stays good for more', async () => {
  const [old, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser(5000)
  const sessionId = await stage.startSession(old, userId)
  await stage.silence(sessionId, 10_000)
  const refusal = { outcome: 'insufficient_credits' }
  expect(await next.resume(request(userId, sessionId))).toEqual(refusal)
  await stage.grant(userId, 1000)
  expect(await next.resume(request(userId, sessionId))).toMatchObject({ outcome: 'resumed' })
})

test('the last credit is not kept from its user by a session whose client is away', async () => {
  const leases = stage.newLeases()
  const userId = await stage.newUser(8000)
  const sessionId = await stage.startSession(leases, userId)
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
  const leases = stage.newLeases()
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(leases, userId)
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
  const [old, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
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
    stage.prisma.usageLedgerEntry.findMany({
      where: { sessionId, kind: 'upstream_failure_credit' },
    })
  const left = await stage.startSession(old, userId)
  await drain(left)
  const amendment = { sessionId: left, userId, receipt: undefined, goodMs: 3500 }
  await old.amend(amendment)
  await old.amend(amendment)
  expect(await credited(left)).toMatchObject([{ deltaMs: 1500n }])

  const moved = await stage.startSession(old, userId)
  await drain(moved)
  expect(await next.resume(request(userId, moved))).toMatchObject({ outcome: 'resumed' })
  await old.amend({ ...amendment, sessionId: moved })
  expect(await credited(moved)).toEqual([])
})

test('what other sessions of a day replayed for free beyond their share counts against the next', async () => {
  const leases = stage.newLeases()
  const userId = await stage.newUser()
  const replay = async (sessionId: string, replayedMs: number) => {
    const progress = { heardMs: 5000, horizonMs: 4000, replayedMs }
    const end = { audioMs: 5000, reason: 'lease_lost', creditedMs: 0, backend: 'whisper' } as const
    await leases.settle({ ...end, sessionId, userId, progress })
  }
  const [one, two] = [
    await stage.startSession(leases, userId),
    await stage.startSession(leases, userId),
  ]
  // Of 5 s a quarter is free anyway.
  await replay(one, 1250 + 700)
  await replay(two, 1000)
  const three = await stage.startSession(leases, userId)
  await replay(three, 9000)
  expect(await leases.resume(request(userId, three))).toMatchObject({
    outcome: 'resumed',
    replayedElsewhereMs: 700,
  })
  const another = await stage.newUser()
  const theirs = await stage.startSession(leases, another)
  await stage.silence(theirs, 10_000)
  expect(await stage.newLeases().resume(request(another, theirs))).toMatchObject({
    replayedElsewhereMs: 0,
  })
})
