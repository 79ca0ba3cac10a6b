import { BYTES_PER_MS } from '@saywire/protocol'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readEnv } from '../env.ts'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { patient } from '../testing/patient.ts'
import { registerUser } from '../testing/register-user.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const TOKEN = 'a token of 16 or more'.replaceAll(' ', '-')
let database: TestDatabase
let app: TestApp
let deepgram: Awaited<ReturnType<typeof startFakeDeepgram>>

beforeAll(async () => {
  database = await createTestDatabase()
  deepgram = await startFakeDeepgram()
  const speech = createDeepgramEngine({ apiKey: deepgram.apiKey, url: deepgram.url })
  app = await startTestApp(database.url, { speech, operations: { metricsToken: TOKEN } })
})
afterAll(async () => {
  await app.close()
  await deepgram[Symbol.asyncDispose]()
  await database.drop()
})

const ask = async (url: string, authorization = ''): Promise<Response> =>
  fetch(`${url}/metrics`, { headers: { authorization } })

/** @returns by name and labels as they are written */
async function readMetrics(): Promise<Map<string, number>> {
  const text = await (await ask(app.url, `Bearer ${TOKEN}`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

test('there is no such page without METRICS_TOKEN, whatever is shown', async () => {
  const other = await startTestApp(database.url, { isDatabaseOwned: false })
  expect((await ask(other.url, 'Bearer undefined')).status).toBe(404)
  expect((await ask(other.url, 'Bearer')).status).toBe(404)
  await other.close()
})

test('it opens to the token alone', async () => {
  for (const wrong of ['', 'Bearer', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, TOKEN]) {
    expect((await ask(app.url, wrong)).status).toBe(401)
  }
  const answer = await ask(app.url, `Bearer ${TOKEN}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
})

test.each(['short', 'fifteen-letters', 'with spaces in it all'])(
  'METRICS_TOKEN=%s stops the boot',
  (METRICS_TOKEN) => {
    expect(() => readEnv({ METRICS_TOKEN })).toThrow(/METRICS_TOKEN must be at least 16/)
  },
)

test('a session is in the figures while it lives and when it has ended, to the ms', async () => {
  const { token, userId } = await registerUser(app.url)
  const client = await connectTranscribe(app.url, { token })
  expect((await readMetrics()).get('saywire_sessions_live{state="connected"}')).toBe(1)
  for (let i = 0; i < 25; i += 1) client.sendAudio(new Uint8Array(BYTES_PER_MS * 100).fill(1 + i))
  client.send({ type: 'finalize' })
  await client.next('transcript')
  client.send({ type: 'stop' })
  const { used_ms: usedMs } = await client.next('session_end')
  expect(usedMs).toBe(2500)
  await client.closed
  const figures = await readMetrics()
  const read = (name: string) => figures.get(`saywire_${name}`)
  for (const what of ['received', 'forwarded', 'billed']) {
    expect(read(`audio_${what}_seconds_total`)).toBe(2.5)
  }
  expect(read('audio_given_back_seconds_total')).toBe(0)
  expect(read('sessions_opened_total{how="new"}')).toBe(1)
  expect(read('sessions_ended_total{reason="stopped"}')).toBe(1)
  expect(read('sessions_live{state="connected"}')).toBe(0)
  expect(read('frame_forward_seconds_count')).toBe(25)
  expect(read('first_transcript_seconds_count')).toBe(1)
  expect(read('settle_seconds_count')).toBe(1)
  expect(read('heartbeat_seconds_count')).toBeGreaterThan(0)
  expect(read('database_up')).toBe(1)
  expect(read('http_requests_total{method="POST",route="/auth/register",status="200"}')).toBe(1)
  expect(read('calls_total{procedure="auth.register",code="ok"}')).toBe(1)
  const text = [...figures.keys()].join('\n')
  expect(text).not.toContain(userId)
  expect(text).not.toContain('ses_')
})

test('whatever is asked for, there is no new series: paths, methods and words are not labels', async () => {
  await fetch(`${app.url}/canary-path`)
  await fetch(`${app.url}/canary-path`, { method: 'POST' })
  await fetch(`${app.url}/trpc/canary.procedure,canary.other?batch=1`)
  await fetch(`${app.url}/account/devices/canary`, { method: 'PUT' })
  const text = [...(await readMetrics()).keys()].join('\n')
  expect(text).not.toContain('canary')
  expect(text).toContain('method="other",route="/account/devices/{id}"')
})

test('refused sockets are counted by their reason, before and after the upgrade', async () => {
  const url = app.url.replace('http', 'ws')
  const foreign = new WebSocket(`${url}/ws/transcribe`, { origin: 'https://evil.example' })
  foreign.on('error', () => undefined)
  const stranger = await connectTranscribe(app.url)
  stranger.send({ type: 'auth', token: 'nobody’s' })
  expect(await stranger.closed).toBe(4401)
  const refused = async (code: string) =>
    (await readMetrics()).get(`saywire_sockets_refused_total{code="${code}"}`)
  await expect.poll(async () => refused('forbidden'), patient).toBe(1)
  expect(await refused('unauthenticated')).toBe(1)
})
