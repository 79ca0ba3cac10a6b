import { BYTES_PER_MS } from '@saywire/protocol'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { readEnv } from '../env.ts'
import { createSpeechBackend } from '../speech/backend.ts'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { patient } from '../testing/patient.ts'
import { registerUser } from '../testing/register-user.ts'
import { startTestApp } from '../testing/test-app.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { startOtlpCollector } from './testing/otlp-collector.ts'
import { startTracing } from './tracing.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const PARENT_ID = 'b7ad6b7169203331'
const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`
const silent = pino({ level: 'silent' })

/** A server whose traces go to a collector; `end` sends all of them. */
async function start(more: Record<string, string> = {}) {
  const collector = await startOtlpCollector()
  const deepgram = await startFakeDeepgram()
  const database = await createTestDatabase()
  const env = readEnv({
    DEEPGRAM_API_KEY: deepgram.apiKey,
    DEEPGRAM_URL: deepgram.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    ...more,
  })
  const tracing = await startTracing(env.operations.tracing, silent)
  const speech = createSpeechBackend(env, silent).engine
  const app = await startTestApp(database.url, { speech, tracing })
  const end = async (): Promise<void> => {
    await app.close()
    await tracing?.close()
  }
  onTestFinished(async () => {
    await end()
    await database.drop()
    await deepgram[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  })
  const find = (name: string) => {
    const span = collector.spans.find((one) => one.name === name)
    if (!span) throw new Error(`no ${name} in ${collector.spans.map((one) => one.name).join()}`)
    return span
  }
  return { app, collector, deepgram, end, find }
}

test('without a collector nothing is traced, and no library is loaded', async () => {
  expect(readEnv({ OTEL_SERVICE_NAME: 'x' }).operations.tracing).toBeUndefined()
  expect(await startTracing(undefined, silent)).toBeUndefined()
})

test('a request goes on with the trace of its caller, down to the procedure', async () => {
  const { app, collector, end, find } = await start({
    OTEL_SERVICE_NAME: 'captions',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20secret',
  })
  const answer = await fetch(`${app.url}/account/me`, { headers: { traceparent } })
  expect(answer.status).toBe(401)
  await fetch(`${app.url}/ready`, { headers: { traceparent } })
  await end()
  const request = find('GET /account/me')
  expect(request).toMatchObject({
    traceId: TRACE_ID,
    parentSpanId: PARENT_ID,
    kind: 2,
    service: 'captions',
    attributes: {
      'http.route': '/account/me',
      'http.response.status_code': 401,
      'saywire.request_id': answer.headers.get('x-request-id'),
    },
    // Of the caller's making: no failure of the server.
    status: { code: 0 },
  })
  expect(find('account.me')).toMatchObject({
    traceId: TRACE_ID,
    parentSpanId: request.spanId,
    attributes: { 'saywire.code': 'unauthenticated' },
  })
  expect(collector.spans).toHaveLength(2)
  expect(collector.requests[0]?.['api-key']).toBe('a secret')
  expect(collector.complaints).toEqual([])
})

test('an audio session is one span from its opening to its end, with its lease, its dial and its outage', async () => {
  const { app, collector, deepgram, end, find } = await start()
  const { token, userId } = await registerUser(app.url)
  const headers = { traceparent }
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/transcribe`, { headers })
  const messages: Record<string, unknown>[] = []
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>)
  })
  const said = async (type: string) =>
    expect.poll(() => messages.find((one) => one['type'] === type), patient).toBeDefined()
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ type: 'auth', token }))
  await said('ready')
  deepgram.faults.push({ on: 'audio', action: 'drop', afterMs: 500 })
  for (let i = 0; i < 20; i += 1) socket.send(new Uint8Array(BYTES_PER_MS * 100).fill(1 + i))
  await said('upstream_recovered')
  socket.send(JSON.stringify({ type: 'finalize' }))
  await said('transcript')
  socket.send(JSON.stringify({ type: 'stop' }))
  await said('session_end')
  await end()

  const session = find('audio session')
  expect(session).toMatchObject({
    traceId: TRACE_ID,
    parentSpanId: find('GET /ws/transcribe').spanId,
    events: ['ready'],
    attributes: {
      'saywire.backend': 'deepgram nova-3',
      'saywire.audio_ms': 2000,
      'saywire.reason': 'stopped',
      'saywire.replacements': 1,
      'saywire.session_id': messages[0]?.['session_id'],
    },
    status: { code: 0 },
  })
  for (const name of ['lease open', 'upstream dial', 'upstream replacement', 'lease settle']) {
    expect(find(name)).toMatchObject({ traceId: TRACE_ID, parentSpanId: session.spanId })
    expect(find(name).durationMs).toBeLessThanOrEqual(session.durationMs)
  }
  const words = messages
    .map((one) => one['text'])
    .filter((text) => typeof text === 'string' && text !== '')
  expect(words.length).toBeGreaterThan(0)
  for (const secret of [token, userId, ...words]) {
    expect(collector.bodies.join('')).not.toContain(secret)
  }
  expect(collector.complaints).toEqual([])
})

test('a session whose backend does not open ends its span as a failure', async () => {
  const { app, deepgram, end, find } = await start()
  const { token } = await registerUser(app.url)
  deepgram.faults.push({ on: 'connect', action: 'drop' })
  const client = await connectTranscribe(app.url)
  client.send({ type: 'auth', token })
  expect(await client.closed).toBe(4502)
  await end()
  const failed = { status: { code: 2, message: 'upstream_lost' } }
  expect(find('audio session')).toMatchObject(failed)
  expect(find('upstream dial')).toMatchObject({ status: { code: 2, message: 'unreachable' } })
})

test('only the share that was asked for is recorded, whatever callers claim', async () => {
  const { app, collector, end } = await start({ OTEL_TRACES_SAMPLER_ARG: '0' })
  await fetch(`${app.url}/account/me`, { headers: { traceparent } })
  await end()
  expect(collector.bodies).toEqual([])
})

test('a collector that is gone holds up neither the server nor its end', async () => {
  const { app, collector, end } = await start()
  await collector[Symbol.asyncDispose]()
  expect((await fetch(`${app.url}/account/me`)).status).toBe(401)
  const beganMs = performance.now()
  await end()
  expect(performance.now() - beganMs).toBeLessThan(5000)
})
