import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FakeStripe } from '../billing/testing/fake-stripe.ts'
import { startFakeStripe } from '../billing/testing/fake-stripe.ts'
import { secretsOf } from '../env-secrets.ts'
import { readEnv } from '../env.ts'
import { createLogger } from '../log.ts'
import { createSpeechBackend } from '../speech/backend.ts'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { patient } from '../testing/patient.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const PASSWORD = 'canary correct horse'
const DEEPGRAM_KEY = 'canary-deepgram-key'
const WEBHOOK_SECRET = 'whsec_canary'
const SPOKEN_MS = 1500
const lines: string[] = []
let database: TestDatabase
let stripe: FakeStripe
let deepgram: FakeDeepgram
let app: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  stripe = await startFakeStripe({ webhookSecret: WEBHOOK_SECRET })
  deepgram = await startFakeDeepgram({ apiKey: DEEPGRAM_KEY })
  const env = readEnv({
    DEEPGRAM_API_KEY: DEEPGRAM_KEY,
    DEEPGRAM_URL: deepgram.url,
    STRIPE_SECRET_KEY: stripe.keys.secretKey,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  })
  const secrets = secretsOf(env)
  const write = (line: string): unknown => lines.push(line)
  const log = createLogger({ level: 'trace', readable: false, write, secrets })
  const speech = createSpeechBackend(env, log).engine
  app = await startTestApp(database.url, { log, speech, stripe: stripe.keys })
})
afterAll(async () => {
  await app.close()
  await deepgram[Symbol.asyncDispose]()
  await stripe.close()
  await database.drop()
})

async function post(path: string, body: unknown, token = ''): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return (await (await fetch(`${app.url}${path}`, init)).json()) as Record<string, string>
}

const secretOf = (answer: Record<string, string>, field: string): string => {
  const value = answer[field]
  if (!value) throw new Error(`no ${field} in ${JSON.stringify(answer)}`)
  return value
}

/** Says something, and then what no client should. @returns what must not be logged */
async function speak(token: string): Promise<string[]> {
  const client = await connectTranscribe(app.url, { token })
  const { resume_token: resumeToken = '' } = await client.next('ready')
  client.send({ type: 'auth', token, text: PASSWORD })
  client.send(`{"password": "${PASSWORD}"`)
  for (let sentMs = 0; sentMs < SPOKEN_MS; sentMs += 100) {
    client.sendAudio(new Uint8Array(3200).fill(1 + sentMs / 100))
  }
  client.send({ type: 'finalize' })
  client.send({ type: 'stop' })
  await client.next('session_end')
  const said = client.messages.flatMap((one) => (one.type === 'transcript' ? [one.text] : []))
  return [resumeToken, ...said.filter((text) => text !== '')]
}

test('at level trace, nothing secret and nothing that was said is in any line', async () => {
  const account = { email: 'canary@example.org', password: PASSWORD }
  const registered = await post('/auth/register', account)
  const loggedIn = await post('/auth/login', account)
  const refreshToken = secretOf(loggedIn, 'refresh_token')
  const refreshed = await post('/auth/refresh', { refresh_token: refreshToken })
  const token = secretOf(refreshed, 'access_token')
  await post('/auth/login', { ...account, password: `${PASSWORD} not` })
  await post('/auth/refresh', { refresh_token: 'canary-refresh', token: [PASSWORD] })
  const checkout = await post('/billing/checkout', { package_id: 'pack_500' }, token)
  const page = secretOf(checkout, 'checkout_url')
  for (const event of stripe.pay(page)) {
    expect(await stripe.send(event, `${app.url}/webhooks/stripe`)).toBe(200)
  }
  await fetch(`${app.url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'stripe-signature': 't=1,v1=canary-signature' },
    body: PASSWORD,
  })
  const said = await speak(token)
  expect(said.length).toBeGreaterThan(1)
  // A provider that repeats the key in what it says of it.
  const dgError = `The key ${DEEPGRAM_KEY} is wrong.`
  deepgram.faults.push({ on: 'connect', action: 'refuse', status: 400, dgError })
  const refused = await connectTranscribe(app.url)
  refused.send({ type: 'auth', token })
  await refused.closed
  await expect.poll(() => lines.join(''), patient).toContain('speech backend did not open')

  const canaries = [
    PASSWORD,
    DEEPGRAM_KEY,
    WEBHOOK_SECRET,
    stripe.keys.secretKey,
    'canary-signature',
    'canary-refresh',
    ...[registered, loggedIn, refreshed].flatMap(({ access_token, refresh_token }) => [
      String(access_token),
      String(refresh_token),
    ]),
    ...said,
  ]
  const logged = lines.join('')
  for (const canary of canaries) expect(logged).not.toContain(canary)
  // All of it was logged, that is.
  for (const what of ['checkout begun', 'Stripe event', 'session ended', 'malformed']) {
    expect(logged).toContain(what)
  }
})

test('every record of a request and of a session carries its id', async () => {
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const find = (message: string) => records.filter(({ msg }) => msg === message)
  for (const message of ['request', 'checkout begun', 'Stripe event', 'purchase changed']) {
    expect(find(message).length).toBeGreaterThan(0)
    for (const one of find(message)) expect(one['request_id']).toMatch(/^req_/)
  }
  const ofSessions = ['session started', 'malformed message ignored', 'session ended']
  for (const message of [...ofSessions, 'speech backend did not open']) {
    expect(find(message).length).toBeGreaterThan(0)
    for (const one of find(message)) {
      expect(one).toMatchObject({
        session_id: expect.stringMatching(/^ses_/) as string,
        request_id: expect.stringMatching(/^req_/) as string,
      })
    }
  }
})
