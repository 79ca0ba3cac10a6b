import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { sessionRows } from '../testing/session-rows.ts'
import { commandLine } from '../testing/test-administration.ts'
import { setServicesStage } from './testing/services-stage.ts'

const stage = setServicesStage()

/** A session of a user of its own, on a server process of its own. */
async function openSession() {
  const userId = await sessionRows(stage.database).addUser()
  const gift = { userId, deltaMs: 200_000, reason: 'test', key: randomUUID() }
  await stage.administration.credits.adjust(commandLine, gift)
  const leases = stage.services.newLeases()
  const what = { mode: 'managed', backend: 'whisper', model: null, language: null } as const
  const opened = await leases.open({ userId, ...what })
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  return { userId, leases, sessionId: opened.sessionId }
}

const end = async (sessionId: string) =>
  stage.administration.liveSessions.end(commandLine, { sessionId, reason: 'test' })

test('its process hears why a session ends, with whichever question comes first', async () => {
  const { userId, leases, sessionId } = await openSession()
  expect(await end(sessionId)).toBe('ending')
  const usage = { userId, sessionId, audioMs: 1000 }
  const why = { stopReason: 'ended_by_operator' }
  expect(await leases.extend(usage)).toEqual({ outcome: 'lost', ...why })
  expect(await leases.beat([usage])).toMatchObject([{ takenOver: true, ...why }])
  const reason = 'ended_by_operator'
  expect(await leases.settle({ ...usage, reason, creditedMs: 0, backend: 'whisper' })).toBe(
    'settled',
  )
  expect(await stage.administration.users.find(userId)).toMatchObject({
    availableMs: 199_000,
    heldMs: 0,
  })
})

test('asking again changes nothing, but where the process has died meanwhile the session ends', async () => {
  const { userId, leases, sessionId } = await openSession()
  await leases.beat([{ userId, sessionId, audioMs: 5000 }])
  expect([await end(sessionId), await end(sessionId)]).toEqual(['ending', 'ending'])
  // Its last heartbeat was 3 s ago.
  const silent = `UPDATE leases SET expires_at = now() + interval '12 s' WHERE session_id = $1`
  await stage.database.query(silent, [sessionId])
  expect(await end(sessionId)).toBe('ended')
  await expect(end(sessionId)).rejects.toMatchObject({ code: 'not_found' })
  expect(await stage.administration.users.find(userId)).toMatchObject({
    availableMs: 195_000,
    heldMs: 0,
  })
  const { rows } = await stage.administration.audit.page({ userId, limit: 10 })
  expect(rows.filter(({ action }) => action === 'session_ended')).toHaveLength(1)
})

test('a session whose process dies after it was told to end cannot be resumed', async () => {
  const { userId, sessionId } = await openSession()
  const tokenHash = 'a'.repeat(64)
  const set = 'UPDATE transcription_sessions SET resume_token_hash = $2 WHERE id = $1'
  await stage.database.query(set, [sessionId, tokenHash])
  await end(sessionId)
  await stage.database.query('UPDATE leases SET expires_at = now() WHERE session_id = $1', [
    sessionId,
  ])
  const other = stage.services.newLeases()
  expect(await other.reap()).toBe(1)
  const resumed = await other.resume({
    userId,
    sessionId,
    tokenHash,
    nextTokenHash: 'b'.repeat(64),
    windowMs: 60_000,
    replayFreeShare: 0.25,
  })
  expect(resumed).toEqual({ outcome: 'not_resumable' })
  const { sessions } = await stage.administration.userSessions.page(userId, { limit: 1 })
  expect(sessions).toMatchObject([{ status: 'terminated', endReason: 'ended_by_operator' }])
})

test('all live sessions are read in pages, newest first', async () => {
  const opened = [await openSession(), await openSession(), await openSession()]
  const seen: string[] = []
  for (let cursor: string | undefined, page = 0; page === 0 || cursor; page++) {
    const answer = await stage.administration.liveSessions.page({ limit: 2, cursor })
    seen.push(...answer.rows.map(({ id }) => id))
    cursor = answer.nextCursor ?? undefined
  }
  expect(seen).toEqual(opened.map(({ sessionId }) => sessionId).toReversed())
})
