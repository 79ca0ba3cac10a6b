import { expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { hash, request, RESUME_WINDOW_MS, setResumeStage } from './testing/resume-stage.ts'

const stage = setResumeStage()

test('the session of a dead process goes on where its last heartbeat left it, in the same row', async () => {
  const [dead, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(dead, userId)
  await stage.silence(sessionId, 4000)
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
  expect(await stage.row(sessionId)).toMatchObject({
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
  const entries = await stage.prisma.usageLedgerEntry.findMany({ where: { sessionId } })
  expect(entries.map(({ ref, deltaMs }) => [ref, deltaMs])).toEqual([
    [`lease:${sessionId}:0`, -5000n],
    [`lease:${sessionId}:1`, -3000n],
  ])
})

test('what was billed when a lease was extended counts as heard, also where no heartbeat came after it', async () => {
  const [dead, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(dead, userId)
  const progress = { heardMs: 31_000, horizonMs: 30_000, replayedMs: 0 }
  await dead.extend({ sessionId, userId, audioMs: 31_000, progress })
  await stage.silence(sessionId, 4000)
  expect(await next.resume(request(userId, sessionId))).toMatchObject({
    billedMs: 31_000,
    progress,
  })
})

test('the session of a living process is handed over, and settled to the millisecond before', async () => {
  const [old, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(old, userId)
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
  const [old, next] = [stage.newLeases(), stage.newLeases()]
  const [userId, stranger] = [await stage.newUser(), await stage.newUser()]
  const sessionId = await stage.startSession(old, userId)
  const other = await stage.startSession(old, userId)
  await stage.silence(sessionId, 30_000)
  const refused = { outcome: 'not_resumable' }
  expect(await next.resume(request(stranger, sessionId))).toEqual(refused)
  expect(await next.resume(request(userId, sessionId, 'guess'))).toEqual(refused)
  expect(await next.resume(request(userId, sessionId))).toMatchObject({ outcome: 'resumed' })
  await next.note(sessionId, { isCut: false, tokenHashBefore: null })
  expect(await next.resume(request(userId, sessionId))).toEqual(refused)
  await stage.silence(other, RESUME_WINDOW_MS + 1000)
  expect(await next.resume(request(userId, other))).toEqual(refused)
})

test('a token is good once more while nobody has shown the one that was given for it', async () => {
  const [old, next, third] = [stage.newLeases(), stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(old, userId)
  await stage.silence(sessionId, 20_000)
  expect(await next.resume(request(userId, sessionId))).toMatchObject({ outcome: 'resumed' })
  // The answer was lost with its connection, and the client comes to another process.
  expect(await third.resume(request(userId, sessionId))).toEqual({ outcome: 'taking_over' })
  await stage.silence(sessionId, 20_000)
  const again = { ...request(userId, sessionId), nextTokenHash: hash('third') }
  expect(await third.resume(again)).toMatchObject({ outcome: 'resumed' })
  expect(await stage.row(sessionId)).toMatchObject({
    resumeTokenHash: hash('third'),
    resumeTokenHashBefore: hash('first'),
  })
  await third.note(sessionId, { isCut: false, tokenHashBefore: null })
  const used = await next.resume(request(userId, sessionId))
  expect(used).toEqual({ outcome: 'not_resumable' })
  expect(await next.resume(request(userId, sessionId, 'second'))).toEqual(used)
})

test('of many who show one token at once, one goes on', async () => {
  const [old, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(old, userId)
  await stage.silence(sessionId, 20_000)
  const attempts = Array.from({ length: 6 }, async () => next.resume(request(userId, sessionId)))
  const outcomes = (await Promise.all(attempts)).map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'resumed')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'taking_over')).toHaveLength(5)
})

test('a session that ended for good cannot be resumed, nor one that another took the place of', async () => {
  const leases = stage.newLeases()
  const userId = await stage.newUser()
  for (const reason of ['unauthenticated', 'insufficient_credits', 'too_fast'] as const) {
    const sessionId = await stage.startSession(leases, userId)
    await leases.settle({
      sessionId,
      userId,
      audioMs: 5000,
      reason,
      creditedMs: 0,
      backend: 'whisper',
    })
    expect(await stage.row(sessionId)).toMatchObject({ resumeTokenHash: null, cutAt: null })
    const resumed = await leases.resume(request(userId, sessionId))
    expect(resumed).toEqual({ outcome: 'not_resumable' })
  }
  const sessionId = await stage.startSession(leases, userId)
  const { outcome } = await leases.open(
    { userId, mode: 'managed', backend: 'whisper', model: null, language: null },
    sessionId,
  )
  expect(outcome).toBe('opened')
  expect(await leases.resume(request(userId, sessionId))).toEqual({ outcome: 'not_resumable' })
})

test('a session that its client stopped goes on once more, should the last words not have arrived', async () => {
  const leases = stage.newLeases()
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(leases, userId)
  const end = { sessionId, userId, reason: 'stopped', creditedMs: 0, backend: 'whisper' } as const
  const progress = { heardMs: 5000, horizonMs: 4000, replayedMs: 0 }
  await leases.settle({ ...end, audioMs: 5000, progress })
  expect(await stage.row(sessionId)).toMatchObject({ status: 'completed', endReason: 'stopped' })
  const resumed = await leases.resume(request(userId, sessionId))
  expect(resumed).toMatchObject({ outcome: 'resumed', billedMs: 5000, progress })
  await leases.settle({ ...end, audioMs: 5000, progress })
  await stage.prisma.transcriptionSession.update({
    where: { id: sessionId },
    data: { cutAt: new Date(Date.now() - RESUME_WINDOW_MS - 1000) },
  })
  const late = { ...request(userId, sessionId), tokenHash: hash('second') }
  expect(await leases.resume(late)).toEqual({ outcome: 'not_resumable' })
})

test('who is cut off is noted by the process that runs the session, and by no other', async () => {
  const [own, other] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(own, userId)
  await other.note(sessionId, { isCut: true, tokenHash: hash('wrong') })
  expect(await stage.row(sessionId)).toMatchObject({ cutAt: null, resumeTokenHash: hash('first') })
  await own.note(sessionId, { isCut: true })
  expect((await stage.row(sessionId)).cutAt).not.toBeNull()
  await own.note(sessionId, { isCut: false, tokenHash: hash('second') })
  expect(await stage.row(sessionId)).toMatchObject({ cutAt: null, resumeTokenHash: hash('second') })
})

test('a cut session that nobody resumes ends with its process, cut when it was cut', async () => {
  const [dead, next] = [stage.newLeases(), stage.newLeases()]
  const userId = await stage.newUser()
  const sessionId = await stage.startSession(dead, userId)
  await dead.note(sessionId, { isCut: true })
  const { cutAt } = await stage.row(sessionId)
  await stage.silence(sessionId, 16_000)
  await vi.waitFor(async () => {
    await next.reap()
    expect(await stage.row(sessionId)).toMatchObject({
      status: 'terminated',
      endReason: 'lease_lost',
    })
  }, patient)
  expect((await stage.row(sessionId)).cutAt).toEqual(cutAt)
  expect((await stage.row(sessionId)).endedAt).not.toBeNull()
})
