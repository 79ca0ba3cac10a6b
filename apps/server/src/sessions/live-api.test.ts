import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { patient } from '../testing/patient.ts'
import type { SessionRows } from '../testing/session-rows.ts'
import { sessionRows } from '../testing/session-rows.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestTrpcClient } from '../testing/trpc-client.ts'
import { connectTrpc } from '../testing/trpc-client.ts'

const CREDIT_MS = 60 * 60_000

let database: TestDatabase
let rows: SessionRows
/** Two server processes on one database, as far as the database can tell. */
let apps: readonly [TestApp, TestApp]
let user: { readonly id: string; readonly token: string }
let count = 0
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  rows = sessionRows(database)
  const start = async () => startTestApp(database.url, { isDatabaseOwned: false })
  apps = [await start(), await start()]
})
beforeEach(async () => {
  const credentials = { email: `live${count++}@example.org`, password: 'correct horse' }
  const login = await connect(apps[0]).trpc.auth.register.mutate(credentials)
  user = { id: login.user.id, token: login.access_token }
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
afterAll(async () => {
  for (const app of apps) await app.close()
  await database.drop()
})

function connect(app: TestApp, token?: string): TestTrpcClient {
  const client = connectTrpc(app.url, token)
  ends.push(client.close)
  return client
}

/** A session with a lease of a minute. */
async function startSession(): Promise<string> {
  const sessionId = await rows.addSession(user.id, { startedAt: new Date() })
  await rows.addLease(user.id, sessionId, { startMs: 5000, grantedMs: 60_000 })
  return sessionId
}

/** As the settling of the session's lease does it. */
async function settle(sessionId: string, usedMs: number): Promise<void> {
  await database.query(
    `WITH settled AS (
       UPDATE leases SET state = 'settled', settled_at = now(), used_ms = $2
       WHERE session_id = $1 RETURNING user_id, granted_ms
     )
     UPDATE credit_balance b
     SET held_ms = held_ms - granted_ms, available_ms = available_ms + granted_ms - $2
     FROM settled WHERE settled.user_id = b.user_id`,
    [sessionId, usedMs],
  )
}

test('every server process shows the balance of one account as it moves, each value once', async () => {
  const watchers = apps.map((app) => {
    const balances: number[] = []
    connect(app, user.token).trpc.billing.onBalance.subscribe(undefined, {
      onData: ({ balance_ms }) => balances.push(balance_ms),
    })
    return balances
  })
  const expectAll = async (...balances: number[]): Promise<void> =>
    expect.poll(() => watchers, patient).toEqual([balances, balances])

  await expectAll(CREDIT_MS)
  const sessionId = await startSession()
  await rows.useLease(sessionId, 1234)
  await expectAll(CREDIT_MS, CREDIT_MS - 1234)
  // What was used moves from the lease to the ledger: nothing is left to see of that.
  await settle(sessionId, 1234)
  await rows.addCredit(user.id, 1000)
  await expectAll(CREDIT_MS, CREDIT_MS - 1234, CREDIT_MS - 234)
})

test('speech on one server moves the balance and the session that another server shows', async () => {
  const balances: number[] = []
  const sessions: number[][] = []
  const { trpc } = connect(apps[1], user.token)
  trpc.billing.onBalance.subscribe(undefined, {
    onData: ({ balance_ms }) => balances.push(balance_ms),
  })
  trpc.sessions.onLive.subscribe(undefined, {
    onData: ({ data }) => sessions.push(data.sessions.map((one) => one.used_ms)),
  })
  const latest = () => [balances.at(-1), sessions.at(-1)]
  const client = await connectTranscribe(apps[0].url, { token: user.token })
  client.sendAudio(Buffer.alloc(32 * 1500))
  await expect.poll(latest, patient).toEqual([CREDIT_MS - 1500, [1500]])
  client.send({ type: 'stop' })
  await client.closed
  await expect.poll(latest, patient).toEqual([CREDIT_MS - 1500, []])
})

test('a session whose app was cut off is shown as interrupted until it is back', async () => {
  const seen: boolean[][] = []
  connect(apps[1], user.token).trpc.sessions.onLive.subscribe(undefined, {
    onData: ({ data }) => seen.push(data.sessions.map((one) => one.is_interrupted)),
  })
  const client = await connectTranscribe(apps[0].url, { token: user.token })
  await expect.poll(() => seen.at(-1), patient).toEqual([false])
  client.socket.terminate()
  await expect.poll(() => seen.at(-1), patient).toEqual([true])
  const { session_id, resume_token } = await client.next('ready')
  const again = await connectTranscribe(apps[0].url)
  again.send({ type: 'auth', token: user.token, resume: { session_id, resume_token } })
  await expect.poll(() => seen.at(-1), patient).toEqual([false])
  again.send({ type: 'stop' })
  await expect.poll(() => seen.at(-1), patient).toEqual([])
})

test('GET /billing/balance and /account/me tell the same as the feed', async () => {
  const sessionId = await startSession()
  await rows.useLease(sessionId, 61)
  const headers = { authorization: `Bearer ${user.token}` }
  const credits = { balance_ms: CREDIT_MS - 61, seconds_remaining: 3599, minutes_remaining: 59 }
  const balance = await fetch(`${apps[1].url}/billing/balance`, { headers })
  expect(await balance.json()).toEqual(credits)
  const me = await fetch(`${apps[1].url}/account/me`, { headers })
  expect(await me.json()).toMatchObject({ credits })
})

test('a live session shows, counts, and goes, over a lost connection and without repetition', async () => {
  const { trpc, sockets } = connect(apps[1], user.token)
  const states: { id: string; usedMs: number[] }[] = []
  trpc.sessions.onLive.subscribe(undefined, {
    onData: ({ id, data }) => states.push({ id, usedMs: data.sessions.map((one) => one.used_ms) }),
  })
  const expectLatest = async (usedMs: number[]): Promise<void> =>
    expect.poll(() => states.at(-1)?.usedMs, patient).toEqual(usedMs)

  await expectLatest([])
  const sessionId = await startSession()
  await expectLatest([5000])
  await rows.useLease(sessionId, 1500)
  await expectLatest([6500])

  sockets[0]?.terminate()
  await expect.poll(() => sockets.length, patient).toBe(2)
  await rows.useLease(sessionId, 2000)
  await expectLatest([7000])
  await settle(sessionId, 2000)
  await expectLatest([])
  expect(states.map(({ usedMs }) => usedMs)).toEqual([[], [5000], [6500], [7000], []])
})

test('who comes back to another process with the state that they saw is not told it again', async () => {
  const sessionId = await startSession()
  const see = async (app: TestApp, lastEventId?: string) =>
    new Promise<{ id: string; usedMs: number | undefined }>((resolve) => {
      const input = lastEventId === undefined ? undefined : { lastEventId }
      connect(app, user.token).trpc.sessions.onLive.subscribe(input, {
        onData: ({ id, data }) => resolve({ id, usedMs: data.sessions[0]?.used_ms }),
      })
    })
  const seen = await see(apps[0])
  expect(seen.usedMs).toBe(5000)
  // The first value of the other process comes only after this change.
  const next = see(apps[1], seen.id)
  await expect.poll(async () => (await see(apps[1])).id, patient).toBe(seen.id)
  await rows.useLease(sessionId, 700)
  expect((await next).usedMs).toBe(5700)
  expect((await see(apps[1], seen.id)).usedMs).toBe(5700)
})

test('nobody sees another user’s sessions or balance', async () => {
  await startSession()
  const account = await connect(apps[0]).trpc.auth.register.mutate({
    email: 'other@example.org',
    password: 'correct horse',
  })
  const seen = new Promise((resolve) => {
    connect(apps[0], account.access_token).trpc.sessions.onLive.subscribe(undefined, {
      onData: ({ data }) => resolve(data.sessions),
    })
  })
  expect(await seen).toEqual([])
})
