import { createDeepgramEngine } from '@saywire/speech/deepgram'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { registerUser } from '../testing/register-user.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

let deepgram: FakeDeepgram
let database: TestDatabase
let app: TestApp
let token: string
beforeAll(async () => {
  deepgram = await startFakeDeepgram()
  database = await createTestDatabase()
  app = await start()
  ;({ token } = await registerUser(app.url))
})
afterAll(async () => {
  await app.close()
  await deepgram[Symbol.asyncDispose]()
  await database.drop()
})
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

const start = async () =>
  startTestApp(database.url, {
    speech: createDeepgramEngine({ apiKey: deepgram.apiKey, url: deepgram.url }),
  })

/** What the provider received on its newest stream, ms. */
const receivedMs = () => (deepgram.connections.at(-1)?.audioBytes ?? 0) / 32
const newestRow = async () =>
  database.prisma.transcriptionSession.findFirstOrThrow({ orderBy: { startedAt: 'desc' } })

test('what is billed is what the provider received, and its receipt is kept beside it', async () => {
  const client = await connectTranscribe(app.url, { token })
  for (let i = 0; i < 7; i++) client.sendAudio(new Uint8Array(6420))
  client.send({ type: 'stop' })
  const end = await client.next('session_end')
  expect(end.used_ms).toBe(Math.floor((7 * 6420) / 32))
  expect(Math.floor(receivedMs())).toBe(end.used_ms)
  expect(await newestRow()).toMatchObject({
    usedMs: BigInt(end.used_ms),
    providerRequestId: 'fake',
    providerAudioMs: BigInt(Math.round(receivedMs())),
  })
})

test('a server that is stopped while audio flows bills what the provider received, to the ms', async () => {
  const client = await connectTranscribe(app.url, { token })
  const flow = setInterval(() => client.sendAudio(new Uint8Array(1280)), 10)
  await vi.waitFor(() => expect(receivedMs()).toBeGreaterThan(500), patient)
  await app.close()
  clearInterval(flow)
  expect(await client.closed).toBe(1012)
  expect(await newestRow()).toMatchObject({
    usedMs: BigInt(Math.floor(receivedMs())),
    endReason: 'server_draining',
  })
  app = await start()
})

test('a provider that goes away in mid-stream is paid for its words only', async () => {
  const before = await database.prisma.creditBalance.findFirstOrThrow()
  deepgram.faults.push({ on: 'audio', afterMs: 2000, action: 'drop' })
  const client = await connectTranscribe(app.url, { token })
  const flow = setInterval(() => client.sendAudio(new Uint8Array(3200)), 20)
  expect(await client.closed).toBe(4502)
  clearInterval(flow)
  const { resume_from_ms: resumeFromMs } = await client.next('error')
  const after = await database.prisma.creditBalance.findFirstOrThrow()
  expect(before.availableMs - after.availableMs).toBe(BigInt(resumeFromMs ?? -1))
})
