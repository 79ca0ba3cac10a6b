import { expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { createTestBrowser } from '../testing/test-browser.ts'
import { testLeasing } from '../testing/test-app.ts'
import type { TranscribeClient } from '../stream/testing/transcribe-client.ts'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { codeOf, reason, setAdminStage } from './testing/admin-stage.ts'

const stage = setAdminStage()
const AUDIO_100_MS = new Uint8Array(3200)

async function startSession(url: string, token: string): Promise<TranscribeClient> {
  const client = await connectTranscribe(url, { token })
  client.sendAudio(AUDIO_100_MS)
  client.send({ type: 'keepalive' })
  await client.next('ack')
  return client
}

async function post(path: string, body: unknown) {
  const answer = await fetch(`${stage.one.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const blocked = { status: 403, body: { error: { code: 'account_blocked' } } }

test('a block ends the user’s audio on another server, every login, and allows no more', async () => {
  const admin = await stage.addAdmin()
  const email = `${crypto.randomUUID()}@example.org`
  const password = 'correct horse'
  const login = await post('/auth/register', { email, password })
  const token = String(login.body['access_token'])
  const userId = (login.body['user'] as { id: string }).id
  const browser = createTestBrowser(stage.two.url)
  await browser.call('web.login', { email, password })
  const client = await startSession(stage.two.url, token)
  const { session_id, resume_token } = await client.next('ready')

  const askedAtMs = performance.now()
  const answer = await admin.trpc.admin.blockUser.mutate({ user_id: userId, reason })
  expect(answer).toEqual({ outcome: 'blocked', ended_logins: 2, stopped_sessions: 1 })
  expect(await client.closed).toBe(4403)
  // A heartbeat or two, and what a busy machine takes for it.
  expect(performance.now() - askedAtMs).toBeLessThan(2 * testLeasing.flushMs + 3000)
  expect(await client.next('error')).toMatchObject({
    code: 'account_blocked',
    message: expect.stringMatching(/^This account is blocked\. Ask who runs this server/),
    retry_after_ms: 600_000,
  })

  expect(await post('/auth/login', { email, password })).toMatchObject(blocked)
  expect(await post('/auth/login', { email, password: 'wrong' })).toMatchObject({ status: 401 })
  expect(await post('/auth/refresh', { refresh_token: login.body['refresh_token'] })).toMatchObject(
    blocked,
  )
  expect((await browser.call('web.login', { email, password })).error?.code).toBe('account_blocked')
  expect((await browser.call('account.me')).error?.code).toBe('unauthenticated')
  // The access token lives on for its last minutes, but opens no session, and resumes none.
  for (const resume of [undefined, { session_id, resume_token }]) {
    for (const { url } of [stage.one, stage.two]) {
      const again = await connectTranscribe(url)
      again.send({ type: 'auth', token, ...(resume ? { resume } : {}) })
      expect((await again.next('error')).code).toBe('account_blocked')
      expect(await again.closed).toBe(4403)
    }
  }
  const rows = await stage.database.query(
    'SELECT end_reason, status, used_ms FROM transcription_sessions WHERE user_id = $1',
    [userId],
  )
  expect(rows).toEqual([{ end_reason: 'account_blocked', status: 'terminated', used_ms: '100' }])

  await admin.trpc.admin.unblockUser.mutate({ user_id: userId, reason })
  expect(await post('/auth/refresh', { refresh_token: login.body['refresh_token'] })).toMatchObject(
    {
      status: 401,
    },
  )
  const back = await post('/auth/login', { email, password })
  expect(back.status).toBe(200)
  const session = await startSession(stage.one.url, String(back.body['access_token']))
  session.send({ type: 'stop' })
  expect(await session.closed).toBe(1000)
})

test('a session ends on another server, and is not resumed; its user may begin another', async () => {
  const admin = await stage.addAdmin()
  const { userId, token } = await stage.addUser()
  const client = await startSession(stage.two.url, token)
  const neighbour = await startSession(stage.two.url, token)
  const { session_id, resume_token } = await client.next('ready')
  const live = await admin.trpc.admin.liveSessions.query({})
  expect(live.rows.find(({ id }) => id === session_id)).toMatchObject({
    user_id: userId,
    is_ending: false,
    is_interrupted: false,
  })
  const wish = { session_id, reason }
  expect(await admin.trpc.admin.endSession.mutate(wish)).toEqual({ status: 'ending' })
  expect(await client.closed).toBe(4410)
  expect((await client.next('session_end')).reason).toBe('ended_by_operator')
  await vi.waitFor(
    async () => expect(await codeOf(admin.trpc.admin.endSession.mutate(wish))).toBe('not_found'),
    patient,
  )
  const again = await connectTranscribe(stage.one.url)
  again.send({ type: 'auth', token, resume: { session_id, resume_token } })
  expect((await again.next('ready')).session_id).not.toBe(session_id)
  for (const one of [again, neighbour]) {
    one.send({ type: 'stop' })
    expect(await one.closed).toBe(1000)
  }
  const { rows } = await admin.trpc.admin.audit.query({ user_id: userId })
  expect(rows).toMatchObject([{ action: 'session_ended', session_id, reason }])
})

test('a client that is away is not let back into a session that was ended meanwhile', async () => {
  const admin = await stage.addAdmin()
  const { token } = await stage.addUser()
  const client = await startSession(stage.two.url, token)
  const { session_id, resume_token } = await client.next('ready')
  client.socket.terminate()
  await admin.trpc.admin.endSession.mutate({ session_id, reason })
  const again = await vi.waitFor(async () => {
    const next = await connectTranscribe(stage.two.url)
    next.send({ type: 'auth', token, resume: { session_id, resume_token } })
    const ready = await next.next('ready')
    expect(ready.session_id).not.toBe(session_id)
    return next
  }, patient)
  again.send({ type: 'stop' })
  expect(await again.closed).toBe(1000)
})

test('a session whose server is gone ends at once, at its last heartbeat', async () => {
  const admin = await stage.addAdmin()
  const { userId } = await stage.addUser()
  const startedAt = new Date()
  await stage.database.query(
    `INSERT INTO transcription_sessions (id, user_id, mode, backend, started_at)
     VALUES ('ses_of_the_dead', $1, 'managed', 'whisper', $2)`,
    [userId, startedAt],
  )
  // Its last heartbeat was 5 s ago: it is not reaped yet, but taken for dead.
  await stage.database.query(
    `WITH held AS (
       UPDATE credit_balance SET available_ms = available_ms - 60000, held_ms = held_ms + 60000
       WHERE user_id = $1
     )
     INSERT INTO leases (session_id, seq, user_id, instance, start_ms, granted_ms, used_ms, expires_at)
     VALUES ('ses_of_the_dead', 0, $1, 'srv_gone', 0, 60000, 7000, now() + interval '10 s')`,
    [userId],
  )
  const wish = { session_id: 'ses_of_the_dead', reason }
  expect(await admin.trpc.admin.endSession.mutate(wish)).toEqual({ status: 'ended' })
  const shown = await admin.trpc.admin.user.query({ user_id: userId })
  expect(shown.user).toMatchObject({ available_ms: 3_593_000, held_ms: 0, live_sessions: 0 })
  expect(shown.sessions.rows).toMatchObject([{ end_reason: 'ended_by_operator', used_ms: 7000 }])
})

test('another user’s ids open nothing: sessions, logins and audio stay their owner’s', async () => {
  const victim = await stage.addUser()
  const thief = await stage.addUser()
  const client = await startSession(stage.two.url, victim.token)
  const { session_id, resume_token } = await client.next('ready')
  const { devices } = await victim.trpc.account.devices.query()
  const page = thief.trpc.account.sessions
  expect(await codeOf(page.query({ cursor: session_id }))).toBe('bad_request')
  expect(await codeOf(page.query({ cursor: 'ses_unknown' }))).toBe('bad_request')
  const signOut = thief.trpc.account.signOut
  expect(await codeOf(signOut.mutate({ id: devices[0]?.id ?? '' }))).toBe('not_found')
  expect(await codeOf(signOut.mutate({ id: 'fam_unknown' }))).toBe('not_found')
  for (const { url } of [stage.one, stage.two]) {
    const other = await connectTranscribe(url)
    other.send({ type: 'auth', token: thief.token, resume: { session_id, resume_token } })
    expect((await other.next('ready')).session_id).not.toBe(session_id)
    other.send({ type: 'stop' })
    await other.closed
  }
  // The victim's goes on.
  client.sendAudio(AUDIO_100_MS)
  client.send({ type: 'stop' })
  expect((await client.next('session_end')).used_ms).toBe(200)
})
