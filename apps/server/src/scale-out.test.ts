// Three server processes on one database, behind a balancer that knows nothing but TCP.
import { setTimeout as sleep } from 'node:timers/promises'
import { BYTES_PER_MS } from '@saywire/protocol'
import type { FakeDeepgram, ScriptedSpeech, TcpCutter } from '@saywire/speech/testing'
import {
  createScriptedTranscriber,
  startFakeDeepgram,
  startTcpCutter,
  writeScript,
} from '@saywire/speech/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { newId } from './ids.ts'
import type { ResumingSpeaker } from './stream/testing/resuming-speaker.ts'
import { createResumingSpeaker } from './stream/testing/resuming-speaker.ts'
import type { TranscribeClient } from './stream/testing/transcribe-client.ts'
import { connectTranscribe } from './stream/testing/transcribe-client.ts'
import { patient } from './testing/patient.ts'
import { registerUser } from './testing/register-user.ts'
import type { RunningServer } from './testing/server-processes.ts'
import { startServerProcess } from './testing/server-processes.ts'
import type { TestDatabase } from './testing/test-database.ts'
import { createTestDatabase } from './testing/test-database.ts'
import { createTestServices } from './testing/test-services.ts'
import { connectTrpc } from './testing/trpc-client.ts'
import { unbalancedUsers } from './testing/unbalanced-users.ts'

const SESSIONS_PER_USER = 3
const LEASE_MS = 1000
const ATTEMPTS_PER_MINUTE = 25
const PROCESSES = 3
const HEARTBEAT_MS = 1000
const RETRY_MS = 200

let database: TestDatabase
let deepgram: FakeDeepgram
let script: ScriptedSpeech
/** Those that are up, and where the next connection goes. */
let servers: RunningServer[]
let turn = 0
let balancer: TcpCutter
let url: string
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  script = writeScript({ seed: 9, durationMs: 12_000 })
  deepgram = await startFakeDeepgram({ transcribe: createScriptedTranscriber })
  database = await createTestDatabase()
  const env = {
    DATABASE_URL: database.url,
    DEEPGRAM_URL: deepgram.url,
    DEEPGRAM_API_KEY: deepgram.apiKey,
    JWT_SECRET: 'for this test only, and never a real one',
    STARTING_CREDIT_MINUTES: '0',
    SESSIONS_PER_USER: String(SESSIONS_PER_USER),
    LEASE_MS: String(LEASE_MS),
    USAGE_FLUSH_MS: String(HEARTBEAT_MS),
    AUTH_RATE_PER_MINUTE: String(ATTEMPTS_PER_MINUTE),
    TRUST_PROXY: 'loopback',
  }
  const starting = Array.from({ length: PROCESSES }, async () => startServerProcess(env))
  servers = await Promise.all(starting)
  balancer = await startTcpCutter(() => {
    turn += 1
    return { port: (servers[turn % servers.length] as RunningServer).port }
  })
  url = `http://127.0.0.1:${balancer.port}`
}, 120_000)
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  expect(await unbalancedUsers(database)).toEqual([])
})
afterAll(async () => {
  await Promise.all(servers.map(async (server) => server.end('SIGTERM')))
  await balancer[Symbol.asyncDispose]()
  await deepgram[Symbol.asyncDispose]()
  await database.drop()
}, 60_000)

/** With so much credit. */
async function addUser(creditMs: number): Promise<{ userId: string; token: string }> {
  const user = await registerUser(url)
  const { ledger } = createTestServices(database)
  const grant = { userId: user.userId, amountMs: creditMs, description: 'test' } as const
  await database.prisma.$transaction(async (db) =>
    ledger.grant(db, { ...grant, kind: 'starting_credit', ref: newId('led') }),
  )
  return user
}

/** What the first answer to a new session is. */
async function open(token: string, tag = 'none'): Promise<[string, TranscribeClient]> {
  const client = await connectTranscribe(url)
  client.send({ type: 'auth', token, config: { keyterm: [tag] } })
  const answer = await Promise.race([
    client.next('ready').then(() => 'ready'),
    client.next('error').then(({ code }) => code),
  ])
  return [answer, client]
}

function receivedMs(tag: string): number {
  const own = deepgram.connections.filter(({ query }) => query['keyterm']?.includes(tag))
  return own.reduce((sum, { audioBytes }) => sum + audioBytes, 0) / BYTES_PER_MS
}

/** Comes back, through the balancer, until everything has been said. */
async function speakToTheEnd(speaker: ResumingSpeaker): Promise<void> {
  let isDone = false
  void speaker.done.then(() => (isDone = true))
  for (;;) {
    const { client } = speaker
    const leaving = client.next('error').then(() => 'left')
    const cut = client.closed.then(() => 'left')
    const ended = client.next('session_end').then(() => 'ended')
    for (const one of [leaving, cut, ended]) one.catch(() => undefined)
    const first = await Promise.race([leaving, cut, ended, speaker.done.then(() => 'done')])
    if (first === 'done' || isDone) {
      client.send({ type: 'stop' })
      if ((await Promise.race([ended, cut])) === 'ended') return
    }
    // Whoever is about to go on elsewhere hears nothing more here.
    client.socket.terminate()
    await comeBack(speaker)
  }
}

async function comeBack(speaker: ResumingSpeaker): Promise<void> {
  const byMs = performance.now() + patient.timeout
  for (;;) {
    try {
      return await speaker.connect(url)
    } catch (error) {
      // A process that is gone, or does not let go of the session yet: the next one may.
      if (performance.now() > byMs) throw error
      await sleep(RETRY_MS)
    }
  }
}

/** One for each process, all in the middle of what they say. */
async function startSpeakers(): Promise<(ResumingSpeaker & { userId: string })[]> {
  const users = await Promise.all(servers.map(async () => addUser(3_600_000)))
  const speakers: (ResumingSpeaker & { userId: string })[] = []
  for (const { userId, token } of users) {
    const speaker = createResumingSpeaker(script.pcm, token)
    await speaker.connect(url)
    speakers.push(Object.assign(speaker, { userId }))
  }
  for (const speaker of speakers) {
    await expect.poll(() => speaker.sentMs, patient).toBeGreaterThan(3000)
  }
  return speakers
}

async function expectEveryWordOnce(
  speakers: readonly (ResumingSpeaker & { userId: string })[],
): Promise<void> {
  await Promise.all(speakers.map(speakToTheEnd))
  for (const speaker of speakers) {
    expect(speaker.words).toEqual(script.words.map(({ text }) => text))
    const sessions = await database.prisma.transcriptionSession.findMany({
      where: { userId: speaker.userId },
    })
    expect(sessions).toMatchObject([{ id: speaker.readies[0]?.session_id, endReason: 'stopped' }])
  }
  expect(speakers.some(({ readies }) => readies.length > 1)).toBe(true)
}

const charged = async (userId: string): Promise<number> => {
  const entries = await database.prisma.usageLedgerEntry.findMany({
    where: { userId, kind: { in: ['session_usage', 'upstream_failure_credit'] } },
  })
  return -entries.reduce((sum, { deltaMs }) => sum + Number(deltaMs), 0)
}

test('a user runs as many sessions as are allowed on all processes together, not on each', async () => {
  const { token } = await addUser(3_600_000)
  const opened = await Promise.all(Array.from({ length: 3 * PROCESSES }, async () => open(token)))
  const answers = opened.map(([answer]) => answer)
  expect(answers.filter((answer) => answer === 'ready')).toHaveLength(SESSIONS_PER_USER)
  expect(new Set(answers)).toEqual(new Set(['ready', 'too_many_connections']))
  for (const [answer, client] of opened) {
    if (answer === 'ready') client.send({ type: 'stop' })
    await client.closed
  }
})

test('sessions on all processes never spend more of one balance than there is', async () => {
  const creditMs = 9000
  const { userId, token } = await addUser(creditMs)
  const opened = await Promise.all(
    Array.from({ length: PROCESSES }, async () => open(token, userId)),
  )
  expect(opened.map(([answer]) => answer)).toEqual(['ready', 'ready', 'ready'])
  for (const [, client] of opened) client.sendAudio(Buffer.alloc(1000 * BYTES_PER_MS))
  for (let sentMs = 1000; sentMs < creditMs; sentMs += 1000) {
    for (const [, client] of opened) client.sendAudio(Buffer.alloc(1000 * BYTES_PER_MS))
  }
  for (const [, client] of opened) {
    expect(await client.next('session_end')).toMatchObject({ reason: 'insufficient_credits' })
    await client.closed
  }
  expect(receivedMs(userId)).toBe(creditMs)
  await expect.poll(async () => charged(userId), patient).toBe(creditMs)
})

test('whoever watches a balance at one process sees what is spent at another', async () => {
  const creditMs = 60_000
  const { token } = await addUser(creditMs)
  const balances = servers.map((server) => {
    const seen: number[] = []
    const watcher = connectTrpc(server.url, token)
    ends.push(watcher.close)
    watcher.trpc.billing.onBalance.subscribe(undefined, {
      onData: ({ balance_ms }) => seen.push(balance_ms),
    })
    return seen
  })
  await expect
    .poll(() => balances.map((seen) => seen.at(-1)), patient)
    .toEqual([creditMs, creditMs, creditMs])
  const [answer, client] = await open(token)
  expect(answer).toBe('ready')
  client.sendAudio(Buffer.alloc(1500 * BYTES_PER_MS))
  await expect
    .poll(() => balances.map((seen) => seen.at(-1)), patient)
    .toEqual([creditMs - 1500, creditMs - 1500, creditMs - 1500])
  client.send({ type: 'stop' })
  await client.closed
})

test('attempts to log in are counted over all processes', async () => {
  const attempt = async (): Promise<number> => {
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' },
      body: JSON.stringify({ email: 'nobody@example.org', password: 'wrong horse' }),
    })
    return response.status
  }
  const attempts = Array.from({ length: 2 * ATTEMPTS_PER_MINUTE }, attempt)
  const statuses = await Promise.all(attempts)
  expect(statuses.filter((status) => status !== 429)).toHaveLength(ATTEMPTS_PER_MINUTE)
})

test('sessions of a process that is drained go on at the others, every word once', async () => {
  const speakers = await startSpeakers()
  const [drained] = servers.splice(0, 1)
  const ended = drained?.end('SIGTERM')
  await expectEveryWordOnce(speakers)
  await ended
  for (const { userId } of speakers) expect(await charged(userId)).toBe(script.durationMs)
}, 120_000)

test('sessions of a process that is killed go on at the others, every word once', async () => {
  const speakers = await startSpeakers()
  // The balancer finds out when it connects, as its clients do.
  const killed = servers.at(-1)
  await killed?.end('SIGKILL')
  const removing = sleep(2 * HEARTBEAT_MS).then(() =>
    servers.splice(servers.indexOf(killed as RunningServer), 1),
  )
  await expectEveryWordOnce(speakers)
  await removing
  for (const { userId } of speakers) {
    const chargedMs = await charged(userId)
    expect(chargedMs).toBeLessThanOrEqual(script.durationMs)
    expect(chargedMs).toBeGreaterThan(script.durationMs - 4 * HEARTBEAT_MS)
  }
}, 120_000)
