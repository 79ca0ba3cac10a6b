import type { ServerMessage } from '@saywire/protocol'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createRecoveringEngine, speechLike, wordsIn } from '../speech/testing/recovery-stage.ts'
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
  const pool = { waitMs: 200 }
  app = await startTestApp(database.url, { speech: createRecoveringEngine(deepgram, { pool }) })
  ;({ token } = await registerUser(app.url))
})
afterAll(async () => {
  await app.close()
  await deepgram[Symbol.asyncDispose]()
  await database.drop()
})
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

const SPEECH_MS = 9000
const config = { endpointing: 200 }

function finalWords(messages: readonly ServerMessage[]): string[] {
  return messages.flatMap((message) =>
    message.type === 'transcript' && message.is_final
      ? message.words.map(({ start_ms: startMs, text }) => `${startMs}:${text.split('x')[1]}`)
      : [],
  )
}

test('a client is told of a lost provider, misses no word, and pays for each ms once', async () => {
  const before = await database.prisma.creditBalance.findFirstOrThrow()
  const client = await connectTranscribe(app.url, { token, config })
  deepgram.faults.push(
    { on: 'audio', afterMs: 5000, action: 'drop' },
    { on: 'connect', action: 'refuse', status: 503 },
  )
  const pcm = speechLike(SPEECH_MS)
  for (let at = 0; at < pcm.byteLength; at += 3200) client.sendAudio(pcm.subarray(at, at + 3200))
  await client.next('upstream_recovered')
  client.send({ type: 'stop' })
  expect(await client.next('session_end')).toMatchObject({ used_ms: SPEECH_MS, reason: 'stopped' })
  const { messages } = client
  expect(finalWords(messages)).toEqual(wordsIn(pcm))
  const told = messages.map(({ type }) => type).filter((type) => type.startsWith('upstream'))
  expect(told).toEqual(['upstream_reconnecting', 'upstream_recovered'])
  const after = await database.prisma.creditBalance.findFirstOrThrow()
  expect(before.availableMs - after.availableMs).toBe(BigInt(SPEECH_MS))
})

test('a full provider is `busy` to the next client, and to those after it without a dial', async () => {
  deepgram.faults.push({ on: 'connect', action: 'refuse', status: 429, retryAfterS: 30 })
  for (let i = 0; i < 2; i++) {
    const client = await connectTranscribe(app.url)
    client.send({ type: 'auth', token })
    const { code, retry_after_ms: retryAfterMs = 0 } = await client.next('error')
    expect(code).toBe('busy')
    expect(retryAfterMs).toBeGreaterThan(15_000)
    expect(retryAfterMs).toBeLessThanOrEqual(30_000)
    expect(await client.closed).toBe(1013)
  }
})
