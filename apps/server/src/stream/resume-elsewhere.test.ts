import { createDeepgramEngine } from '@saywire/speech/deepgram'
import type { FakeDeepgram, ScriptedSpeech } from '@saywire/speech/testing'
import {
  createScriptedEngine,
  createScriptedTranscriber,
  startFakeDeepgram,
  writeScript,
} from '@saywire/speech/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { registerUser } from '../testing/register-user.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { ResumingSpeaker } from './testing/resuming-speaker.ts'
import { createResumingSpeaker } from './testing/resuming-speaker.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

let deepgram: FakeDeepgram
let database: TestDatabase
/** Server processes on one database, as far as the database can tell. */
let apps: TestApp[]
let script: ScriptedSpeech
beforeAll(async () => {
  script = writeScript({ seed: 5, durationMs: 14_000 })
  deepgram = await startFakeDeepgram({ transcribe: createScriptedTranscriber })
  database = await createTestDatabase()
  apps = []
})
afterEach(async () => {
  await Promise.all(apps.splice(0).map(async (app) => app.close()))
  deepgram.faults.length = 0
  expect(await unbalancedUsers(database)).toEqual([])
})
afterAll(async () => {
  await deepgram[Symbol.asyncDispose]()
  await database.drop()
})

async function startServer(options: Parameters<typeof startTestApp>[1] = {}): Promise<TestApp> {
  const speech = createDeepgramEngine({ apiKey: deepgram.apiKey, url: deepgram.url })
  // As in production: who is late by a heartbeat of these on a busy machine is not dead.
  const leasing = { flushMs: 1000 }
  const own = { isDatabaseOwned: false, speech, leasing }
  const app = await startTestApp(database.url, { ...own, ...options })
  apps.push(app)
  return app
}

/** A new user who speaks the script on this server. */
async function startSpeaker({
  url,
}: TestApp): Promise<ResumingSpeaker & { userId: string; token: string }> {
  const { userId, token } = await registerUser(url)
  const speaker = createResumingSpeaker(script.pcm, token)
  await speaker.connect(url)
  return Object.assign(speaker, { userId, token })
}

/** Everything has been said: the words are those of the script, and the bill is that of its audio. */
async function expectUnbroken(speaker: ResumingSpeaker & { userId: string }): Promise<void> {
  await speaker.done
  speaker.client.send({ type: 'stop' })
  const end = await speaker.client.next('session_end')
  expect(speaker.words).toEqual(script.words.map(({ text }) => text))
  expect(end).toMatchObject({ reason: 'stopped' })
  const { userId } = speaker
  const sessions = await database.prisma.transcriptionSession.findMany({ where: { userId } })
  expect(sessions).toMatchObject([
    { id: speaker.readies[0]?.session_id, status: 'completed', endReason: 'stopped' },
  ])
  const entries = await database.prisma.usageLedgerEntry.findMany({
    where: { userId, kind: { in: ['session_usage', 'upstream_failure_credit'] } },
  })
  expect(-entries.reduce((sum, { deltaMs }) => sum + Number(deltaMs), 0)).toBe(script.durationMs)
}

test('clients of a server that goes down go on at the next one: each word once, one row, one bill', async () => {
  const [one, two] = [await startServer(), await startServer()]
  const speaker = await startSpeaker(one)
  await vi.waitFor(() => expect(speaker.sentMs).toBeGreaterThan(6000), patient)
  const closing = one.close()
  const told = await speaker.client.next('error')
  expect(told).toMatchObject({ code: 'server_draining' })
  const toldAtMs = performance.now()
  await speaker.connect(two.url)
  // A deploy moves its clients within a second, as the bench of faults measures; here the machine
  // may be busy, but nothing may be waited for.
  expect(performance.now() - toldAtMs).toBeLessThan(5000)
  expect(speaker.readies[1]?.resume_from_ms).toBe(Math.floor(speaker.horizonMs))
  await closing
  await expectUnbroken(speaker)
})

test('a client that waits for its last finals goes on behind them, with no audio billed twice', async () => {
  const [one, two] = [await startServer(), await startServer()]
  const speaker = await startSpeaker(one)
  await vi.waitFor(() => expect(speaker.sentMs).toBeGreaterThan(5000), patient)
  speaker.pause()
  await one.close()
  expect(await speaker.client.closed).toBe(1012)
  await speaker.connect(two.url)
  await speaker.done
  speaker.client.send({ type: 'stop' })
  const { used_ms } = await speaker.client.next('session_end')
  expect(used_ms).toBe(script.durationMs)
})

test('a token that is shown again before its answer came opens no other session', async () => {
  let open: (() => void) | undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const one = await startServer()
  const two = await startServer({ speech: createScriptedEngine({ whenReady: async () => gate }) })
  const speaker = await startSpeaker(one)
  const { session_id, resume_token } = speaker.readies[0] ?? {}
  const resume = { session_id, resume_token }
  const auth = { type: 'auth', token: speaker.token, config: {}, resume }
  speaker.pause()
  await one.close()
  const { resumeTokenHash } = await database.prisma.transcriptionSession.findFirstOrThrow({
    where: { id: session_id ?? '' },
  })

  const first = await connectTranscribe(two.url)
  first.send(auth)
  const takenBy = { where: { id: session_id ?? '', resumeTokenHash: { not: resumeTokenHash } } }
  await vi.waitUntil(async () => database.prisma.transcriptionSession.count(takenBy), patient)
  first.socket.terminate()
  const second = await connectTranscribe(two.url)
  second.send(auth)
  expect(await second.next('error')).toMatchObject({ code: 'busy' })
  open?.()
  const ready = await vi.waitFor(async () => {
    const again = await connectTranscribe(two.url)
    again.send(auth)
    return again.next('ready')
  }, patient)
  expect(ready.session_id).toBe(session_id)
  const { userId } = speaker
  expect(await database.prisma.transcriptionSession.count({ where: { userId } })).toBe(1)
})

test('a client that did not hear the answer of one server goes on at another', async () => {
  const [one, two] = [await startServer(), await startServer()]
  const speaker = await startSpeaker(one)
  await vi.waitFor(() => expect(speaker.sentMs).toBeGreaterThan(4000), patient)
  speaker.client.socket.terminate()
  const { session_id, resume_token } = speaker.readies[0] ?? {}
  const unheard = await connectTranscribe(two.url)
  unheard.send({ type: 'auth', token: speaker.token, resume: { session_id, resume_token } })
  expect(await unheard.next('ready')).toMatchObject({ session_id })
  unheard.socket.terminate()
  await speaker.connect(one.url)
  expect(speaker.readies[1]?.session_id).toBe(session_id)
  await expectUnbroken(speaker)
})

test('a session that one server keeps parked goes on at another', async () => {
  const [one, two] = [await startServer(), await startServer()]
  const speaker = await startSpeaker(one)
  await vi.waitFor(() => expect(speaker.sentMs).toBeGreaterThan(6000), patient)
  speaker.client.socket.terminate()
  await speaker.connect(two.url)
  expect(speaker.readies[1]?.session_id).toBe(speaker.readies[0]?.session_id)
  await expectUnbroken(speaker)
})

test('many cuts, here and there, leave one transcript, one row and one bill', async () => {
  const [one, two] = [await startServer(), await startServer()]
  const speaker = await startSpeaker(one)
  for (const [untilMs, server] of [
    [2500, one],
    [4500, two],
    [6000, two],
    [8500, one],
    [11_000, one],
  ] as const) {
    await vi.waitFor(() => expect(speaker.sentMs).toBeGreaterThan(untilMs), patient)
    speaker.client.socket.terminate()
    await speaker.connect(server.url)
  }
  await expectUnbroken(speaker)
})

test('a session whose backend was lost goes on in its row, and only its unique audio is paid for', async () => {
  const one = await startServer()
  deepgram.faults.push({ on: 'audio', afterMs: 5000, action: 'drop' })
  const speaker = await startSpeaker(one)
  expect(await speaker.client.next('error')).toMatchObject({ code: 'upstream_lost' })
  expect(await speaker.client.closed).toBe(4502)
  const { userId } = speaker
  expect(await database.prisma.transcriptionSession.findFirst({ where: { userId } })).toMatchObject(
    {
      endReason: 'upstream_lost',
    },
  )
  await speaker.connect(one.url)
  await expectUnbroken(speaker)
})

test('a session whose next backend does not open either can still be resumed', async () => {
  const one = await startServer()
  deepgram.faults.push({ on: 'audio', afterMs: 5000, action: 'drop' })
  const speaker = await startSpeaker(one)
  await speaker.client.closed
  deepgram.faults.push({ on: 'connect', action: 'refuse', status: 503 })
  await expect(speaker.connect(one.url)).rejects.toThrow('closed with')
  await speaker.connect(one.url)
  await expectUnbroken(speaker)
})

test('cutting on purpose pays for four fifths of what is transcribed, beyond the free budget', async () => {
  // A backend that gives no finals: so the client may always claim to have heard nothing.
  const options = { streamLimits: { replayFreeMs: 1000 }, speech: createScriptedEngine() }
  const servers = [await startServer(options), await startServer(options)] as const
  const speaker = await startSpeaker(servers[0])
  let heardMs = 0
  for (let cut = 1; cut <= 4; cut++) {
    await vi.waitFor(() => expect(speaker.sentMs).toBeGreaterThan(3000), patient)
    speaker.pause()
    speaker.client.send({ type: 'keepalive' })
    const { sentMs } = speaker
    await vi.waitFor(() => expect(ackedMs(speaker)).toBe(sentMs), patient)
    heardMs += sentMs
    speaker.client.socket.terminate()
    await speaker.connect(servers[cut % 2]?.url ?? '')
    expect(speaker.readies.at(-1)).toMatchObject({
      session_id: speaker.readies[0]?.session_id,
      resume_from_ms: 0,
    })
  }
  speaker.pause()
  const acked = speaker.sentMs
  await vi.waitFor(() => expect(acked === 0 || ackedMs(speaker) === acked).toBe(true), patient)
  speaker.client.send({ type: 'stop' })
  const { used_ms } = await speaker.client.next('session_end')
  expect(used_ms).toBeGreaterThanOrEqual((heardMs + acked - 1000) / 1.25 - 1)
})

const ackedMs = ({ client }: ResumingSpeaker): number | undefined =>
  client.messages.flatMap((one) => (one.type === 'ack' ? [one.audio_ms] : [])).at(-1)
