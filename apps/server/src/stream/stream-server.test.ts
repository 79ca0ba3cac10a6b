import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MAX_AUDIO_MESSAGE_BYTES } from '@saywire/protocol'
import { SpeechError } from '@saywire/speech'
import type { ScriptedEngineOptions, ScriptedSession } from '@saywire/speech/testing'
import { createScriptedEngine } from '@saywire/speech/testing'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLeaseKeeper } from '../billing/lease-keeper.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { createTestServices, unbalancedUsers } from '../testing/test-services.ts'
import type { StreamLimits } from './stream-limits.ts'
import { createStreamServer } from './stream-server.ts'
import { createWaitingRoom } from './waiting-room.ts'
import { createClientAddressReader } from '../http/client-address.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const word = { text: 'hello', startMs: 0, endMs: 400, confidence: 0.9 }
const final = (startMs: number, endMs: number, text = 'hello') =>
  ({
    type: 'final',
    text,
    confidence: 0.9,
    words: [word],
    startMs,
    endMs,
    speechFinal: true,
  }) as const

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

/** A stream server on a real port over a scripted engine, and one user with credit. */
async function start(
  options: {
    availableMs?: number
    leaseMs?: number
    limits?: Partial<StreamLimits>
    engine?: ScriptedEngineOptions
    /** So many times the session cannot be settled. */
    failSettles?: number
  } = {},
) {
  let failedSettles = 0
  const engine = createScriptedEngine(options.engine)
  let clockMs = 0
  const now = (): number => performance.now() + clockMs
  const log = pino({ level: 'silent' })
  const services = createTestServices(database)
  const email = `${randomUUID()}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  const userId = user.id
  const grant = async (amountMs: number) =>
    database.prisma.$transaction(async (db) =>
      services.ledger.grant(db, {
        userId,
        amountMs,
        kind: 'starting_credit',
        ref: randomUUID(),
        description: 'test',
      }),
    )
  const availableMs = options.availableMs ?? 3_600_000
  if (availableMs > 0) await grant(availableMs)
  const terms = {
    leaseMs: options.leaseMs ?? 60_000,
    settleEveryMs: 600_000,
    expiryMs: 15_000,
    staleMs: 300,
    sessionsMaxPerUser: options.limits?.sessionsMaxPerUser ?? 2,
  }
  const leases = services.newLeases(terms)
  const keeper = createLeaseKeeper({
    leases: {
      ...leases,
      async settle(end) {
        if (options.failSettles && failedSettles++ < options.failSettles) throw new Error('away')
        return leases.settle(end)
      },
    },
    terms,
    flushMs: 50,
    now,
    log,
  })
  keeper.start()
  const logins = new Map<string, () => void>()
  const stream = createStreamServer({
    engine,
    backendName: 'scripted',
    verifyToken: async (token) => (token === 'good' ? { userId, loginId: 'fam_1' } : undefined),
    loginWatch: {
      watch(loginId, onEnded) {
        logins.set(loginId, onEnded)
        return () => void logins.delete(loginId)
      },
      stop: () => undefined,
    },
    leases: keeper,
    log,
    now,
    waitingRoom: createWaitingRoom({
      max: options.limits?.unauthenticatedMax ?? 500,
      maxPerAddress: 10,
      isLoopbackExempt: true,
    }),
    readAddress: createClientAddressReader(undefined),
    limits: { tickMs: 20, ...options.limits },
  })
  const http = createServer().listen(0, '127.0.0.1')
  http.on('upgrade', stream.handleUpgrade)
  await new Promise((resolve) => http.once('listening', resolve))
  onTestFinished(async () => {
    await stream.drain()
    keeper.stop()
    http.close()
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const speech = async (): Promise<ScriptedSession> =>
    vi.waitUntil(() => engine.sessions.at(-1), { timeout: 5000 })
  return {
    url,
    engine,
    stream,
    grant,
    /** What is watched for the end of a login. */
    logins,
    /** Ended sessions as their rows tell, oldest first. */
    ended: async () => {
      const rows = await database.prisma.transcriptionSession.findMany({
        where: { userId, endedAt: { not: null } },
        orderBy: { startedAt: 'asc' },
      })
      return rows.map(({ usedMs, endReason }) => ({ usedMs: Number(usedMs), reason: endReason }))
    },
    balance: async () => services.ledger.balance(database.prisma, userId),
    speech,
    /** Lets the server's clock jump. */
    advance: (ms: number) => (clockMs += ms),
    connect: async (config?: Record<string, unknown>) =>
      connectTranscribe(url, { token: 'good', ...(config ? { config } : {}) }),
  }
}

describe('the handshake', () => {
  it('answers auth with ready and hands the config to the engine', async () => {
    const server = await start()
    const client = await server.connect({ language: 'en-US', keyterm: ['Saywire'] })
    const ready = await client.next('ready')
    expect(ready).toMatchObject({ resume_from_ms: 0, backend: 'scripted' })
    expect(ready.session_id).toMatch(/^ses_/)
    const { options } = await server.speech()
    expect(options).toEqual({ config: { language: 'en-US', keyterm: ['Saywire'] }, startMs: 0 })
  })

  it('closes with 4401 on a token that is not valid', async () => {
    const server = await start()
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'forged' })
    expect((await client.next('error')).code).toBe('unauthenticated')
    expect(await client.closed).toBe(4401)
    expect(server.engine.sessions).toHaveLength(0)
  })

  it('closes with 4408 when no auth comes in time', async () => {
    const server = await start({ limits: { authTimeoutMs: 50 } })
    const client = await connectTranscribe(server.url)
    expect(await client.closed).toBe(4408)
  })

  it.each([
    ['bad JSON', '{"type":', 'not valid JSON'],
    ['another message first', '{"type":"finalize"}', 'must be auth'],
    ['an unknown config key', '{"type":"auth","token":"good","config":{"enc":1}}', '"enc"'],
    [
      'an ill-typed config value',
      '{"type":"auth","token":"good","config":{"interim_results":"yes"}}',
      'interim_results',
    ],
  ])('closes with 4400 and names the problem: %s', async (_name, text, problem) => {
    const server = await start()
    const client = await connectTranscribe(server.url)
    client.socket.send(text)
    const error = await client.next('error')
    expect(error.code).toBe('bad_message')
    expect(error.message).toContain(problem)
    expect(await client.closed).toBe(4400)
  })

  it('refuses audio before auth with 4400', async () => {
    const server = await start()
    const client = await connectTranscribe(server.url)
    client.sendAudio(new Uint8Array(640))
    expect(await client.closed).toBe(4400)
  })

  it('refuses a balance of 0 with 4402 before the engine is opened', async () => {
    const server = await start({ availableMs: 0 })
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    expect((await client.next('error')).code).toBe('insufficient_credits')
    expect(await client.closed).toBe(4402)
    expect(server.engine.sessions).toHaveLength(0)
  })

  it('passes on a busy engine as busy with a time to retry, and charges nothing', async () => {
    const server = await start()
    server.engine.failNextOpen(
      new SpeechError('busy', 'All sessions are taken.', { retryable: true }),
    )
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    expect(await client.next('error')).toMatchObject({ code: 'busy', retry_after_ms: 5000 })
    expect(await client.closed).toBe(1013)
    expect(await server.ended()).toEqual([{ usedMs: 0, reason: 'busy' }])
  })

  it('never tells a client that the provider refused the server as if it were theirs', async () => {
    const server = await start()
    server.engine.failNextOpen(new SpeechError('unauthenticated', 'The key was refused.'))
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    const error = await client.next('error')
    expect(error.code).toBe('upstream_lost')
    expect(error.message).not.toContain('key')
    expect(await client.closed).toBe(4502)
  })

  it('keeps audio that arrives before the backend is ready', async () => {
    let ready = () => {}
    const opened = new Promise<void>((resolve) => (ready = resolve))
    const server = await start({ engine: { whenReady: async () => opened } })
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    client.sendAudio(new Uint8Array(640).fill(1))
    client.sendAudio(new Uint8Array(640).fill(2))
    ready()
    const speech = await server.speech()
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(1280))
    expect(speech.written.map((chunk) => chunk[0])).toEqual([1, 2])
  })
})

describe('a running session', () => {
  it('forwards every byte, also over odd message sizes, and returns the transcript', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    const audio = Uint8Array.from({ length: 3201 }, (_, i) => i % 251)
    client.sendAudio(audio.subarray(0, 1001))
    client.sendAudio(audio.subarray(1001, 3000))
    client.sendAudio(audio.subarray(3000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(3200))
    expect(Buffer.concat(speech.written)).toEqual(Buffer.from(audio.subarray(0, 3200)))

    speech.emit({ type: 'speech-started', atMs: 5 })
    speech.emit({ ...final(0, 400), type: 'interim' })
    speech.emit(final(0, 400))
    speech.emit({ type: 'utterance-end', lastWordEndMs: 400 })
    await client.next('utterance_end')
    expect(client.messages.filter(({ type }) => type === 'transcript')).toEqual([
      expect.objectContaining({ is_final: false, speech_final: false, text: 'hello' }),
      {
        type: 'transcript',
        text: 'hello',
        is_final: true,
        confidence: 0.9,
        speech_final: true,
        start_ms: 0,
        end_ms: 400,
        words: [{ text: 'hello', start_ms: 0, end_ms: 400, confidence: 0.9 }],
      },
    ])
    expect(await client.next('ack')).toEqual({ type: 'ack', audio_ms: 100 })
  })

  it('delivers the last finals on stop, then session_end with the exact ms, then 1000', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 900, 'last words')] } })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(32 * 1500 + 31))
    client.send({ type: 'stop' })
    const end = await client.next('session_end')
    expect(end).toEqual({ type: 'session_end', seconds_used: 2, used_ms: 1500, reason: 'stopped' })
    expect(client.messages.map(({ type }) => type)).toEqual([
      'ready',
      'transcript',
      'ack',
      'session_end',
    ])
    expect(await client.closed).toBe(1000)
    expect(await server.ended()).toEqual([{ usedMs: 1500, reason: 'stopped' }])
  })

  it('closes the row with what was used when the client vanishes', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(6400))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(6400))
    client.socket.terminate()
    await vi.waitFor(async () =>
      expect(await server.ended()).toEqual([{ usedMs: 200, reason: 'client_gone' }]),
    )
  })

  it('cuts audio at the exact sample where the credit ends, and delivers its finals first', async () => {
    const server = await start({
      availableMs: 1000,
      engine: { onClose: () => [final(0, 950)] },
    })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(20_000))
    client.sendAudio(new Uint8Array(20_000))
    expect(await client.closed).toBe(4402)
    expect(speech.writtenBytes).toBe(32_000)
    const kinds = client.messages.map(({ type }) => type)
    expect(kinds).toEqual(['ready', 'transcript', 'ack', 'error', 'session_end'])
    expect(await client.next('error')).toMatchObject({
      code: 'insufficient_credits',
      resume_from_ms: 950,
    })
    expect(await server.ended()).toEqual([{ usedMs: 1000, reason: 'insufficient_credits' }])
  })

  it('accepts a burst of 10 s and 2× real time, and ends what is faster with 4429', async () => {
    const server = await start()
    const client = await server.connect()
    const second = new Uint8Array(32_000)
    for (let i = 0; i < 9; i++) client.sendAudio(second)
    await vi.waitFor(async () => expect((await server.speech()).writtenBytes).toBe(288_000))
    server.advance(5000)
    for (let i = 0; i < 10; i++) client.sendAudio(second)
    await vi.waitFor(async () => expect((await server.speech()).writtenBytes).toBe(608_000))
    for (let i = 0; i < 3; i++) client.sendAudio(second)
    expect((await client.next('error')).code).toBe('too_fast')
    expect(await client.closed).toBe(4429)
  })

  it('does not call too fast what was spoken while the client was not read', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 9000
    const second = new Uint8Array(32_000)
    client.sendAudio(second)
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000))
    server.advance(14_000)
    for (let i = 0; i < 14; i++) client.sendAudio(second)
    speech.bufferedMs = 0
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(15 * 32_000), 5000)
  })

  it('takes a message of 64 KiB and refuses a larger one with 4413', async () => {
    const server = await start()
    const client = await server.connect()
    client.sendAudio(new Uint8Array(MAX_AUDIO_MESSAGE_BYTES))
    await vi.waitFor(async () =>
      expect((await server.speech()).writtenBytes).toBe(MAX_AUDIO_MESSAGE_BYTES),
    )
    client.sendAudio(new Uint8Array(MAX_AUDIO_MESSAGE_BYTES + 1))
    expect((await client.next('error')).code).toBe('frame_too_large')
    expect(await client.closed).toBe(4413)
    expect(await server.ended()).toMatchObject([{ usedMs: 2048, reason: 'frame_too_large' }])
  })

  it('ignores malformed messages up to the limit, then ends with 4400', async () => {
    const server = await start({ limits: { malformedMax: 3 } })
    const client = await server.connect()
    client.socket.send('nonsense')
    client.send({ type: 'configure', config: { sample_rate: 8000 } })
    await vi.waitFor(() => expect(client.messages).toHaveLength(3))
    expect(client.messages[2]).toMatchObject({ code: 'bad_message' })
    expect(JSON.stringify(client.messages[2])).toContain('sample_rate')
    client.sendAudio(new Uint8Array(640))
    await client.next('ack')
    client.sendAudio(new Uint8Array(0))
    expect(await client.closed).toBe(4400)
  })

  it('passes finalize on, and keeps a silent client that sends keepalive', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.send({ type: 'finalize' })
    client.sendAudio(new Uint8Array(640))
    client.send({ type: 'finalize' })
    client.send({ type: 'finalize' })
    await vi.waitFor(() => expect(speech.finalizeCount).toBe(1))
    for (let i = 0; i < 3; i++) {
      server.advance(15_000)
      client.send({ type: 'keepalive' })
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    expect(speech.closed).toBe(false)
  })

  it('ends a session that sends neither audio nor keepalive as idle', async () => {
    const server = await start({ limits: { idleMs: 80 } })
    const client = await server.connect()
    expect((await client.next('session_end')).reason).toBe('idle')
    expect(await client.closed).toBe(1000)
  })

  it('ends one session of too many of a user with 4429, and lets them in again after one ended', async () => {
    const server = await start()
    const first = await server.connect()
    await server.connect()
    const third = await connectTranscribe(server.url)
    third.send({ type: 'auth', token: 'good' })
    expect((await third.next('error')).code).toBe('too_many_connections')
    expect(await third.closed).toBe(4429)
    first.send({ type: 'stop' })
    await first.closed
    await server.connect()
  })

  it('charges late rather than never when the row cannot be closed at once', async () => {
    const server = await start({ failSettles: 2 })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(3200))
    client.send({ type: 'stop' })
    expect((await client.next('session_end')).used_ms).toBe(100)
    expect(await server.ended()).toEqual([])
    await vi.waitFor(
      async () => expect(await server.ended()).toMatchObject([{ usedMs: 100 }]),
      5000,
    )
  })

  it('ends a session whose backend has stopped taking audio', async () => {
    const server = await start({ limits: { upstreamStallMs: 60 } })
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 9000
    client.sendAudio(new Uint8Array(640))
    expect((await client.next('error')).code).toBe('upstream_lost')
    expect(await client.closed).toBe(4502)
  })

  it('lets no flood of messages through to the backend', async () => {
    const server = await start({ limits: { malformedMax: 5 } })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 200; i++) client.send({ type: 'finalize' })
    expect(await client.closed).toBe(4400)
    expect(speech.finalizeCount).toBe(0)
  })

  it('opens nothing anew for settings that are in force already, or that change too often', async () => {
    const server = await start()
    const client = await server.connect({ language: 'en' })
    client.send({ type: 'configure', language: 'en' })
    client.send({ type: 'configure', config: { endpointing: 700 } })
    client.send({ type: 'configure', config: { endpointing: 800 } })
    expect(await client.next('error')).toMatchObject({ code: 'bad_message' })
    expect(server.engine.sessions.map(({ options }) => options.config.endpointing)).toEqual([
      undefined,
      700,
    ])
  })

  it('applies changed settings to the audio after them, on one clock', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 100)] } })
    const client = await server.connect({ language: 'en' })
    const first = await server.speech()
    client.sendAudio(new Uint8Array(6400))
    client.send({ type: 'configure', endpointing: 700 })
    client.sendAudio(new Uint8Array(3200))
    await vi.waitFor(() => expect(server.engine.sessions).toHaveLength(2))
    const second = await server.speech()
    await vi.waitFor(() => expect(second.writtenBytes).toBe(3200))
    expect(first.writtenBytes).toBe(6400)
    expect(second.options).toEqual({ config: { language: 'en', endpointing: 700 }, startMs: 200 })
    client.send({ type: 'stop' })
    expect((await client.next('session_end')).used_ms).toBe(300)
  })

  it('tells the client from where to resume when the backend is lost, and charges what it took', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(64_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(64_000))
    speech.emit(final(0, 700))
    speech.emit({ type: 'usage', audioMs: 1500 })
    speech.emit({ type: 'error', error: new SpeechError('upstream_lost', 'Gone.') })
    expect(await client.next('error')).toMatchObject({ code: 'upstream_lost', resume_from_ms: 700 })
    expect(await client.closed).toBe(4502)
    expect(await server.ended()).toEqual([{ usedMs: 1500, reason: 'upstream_lost' }])
  })

  it('does not call an end clean in which the backend lost the last words', async () => {
    const error = new SpeechError('upstream_lost', 'No answer.')
    const server = await start({
      engine: { onClose: () => [final(0, 300), { type: 'error', error }] },
    })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(32_000))
    client.send({ type: 'stop' })
    expect(await client.next('error')).toMatchObject({ code: 'upstream_lost', resume_from_ms: 300 })
    expect((await client.next('session_end')).reason).toBe('upstream_lost')
    expect(await client.closed).toBe(4502)
  })

  it('stops reading a client while the backend is behind, and goes on afterwards', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 9000
    client.sendAudio(new Uint8Array(640))
    client.sendAudio(new Uint8Array(640))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(640))
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(speech.writtenBytes).toBe(640)
    speech.bufferedMs = 0
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(1280))
  })
})

describe('draining', () => {
  it('tells clients, flushes their finals, closes their rows and then their sockets', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 300, 'last words')] } })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32 * 400))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(12_800))
    await server.stream.drain()
    expect(await client.closed).toBe(1012)
    const kinds = client.messages.map(({ type }) => type).filter((type) => type !== 'ack')
    expect(kinds).toEqual(['ready', 'error', 'transcript', 'session_end'])
    expect(await client.next('error')).toMatchObject({ code: 'server_draining' })
    expect(await server.ended()).toEqual([{ usedMs: 400, reason: 'server_draining' }])
  })

  it('tells a client whose session is still opening, and closes its row', async () => {
    const server = await start({ engine: { whenReady: async () => new Promise(() => undefined) } })
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await server.stream.drain()
    expect(await client.closed).toBe(1012)
    expect(await client.next('error')).toMatchObject({ code: 'server_draining' })
    expect(await server.ended()).toMatchObject([{ usedMs: 0, reason: 'server_draining' }])
  })

  it('refuses new connections', async () => {
    const server = await start()
    await server.stream.drain()
    await expect(connectTranscribe(server.url)).rejects.toThrow('503')
  })
})

describe('bounds on silent connections', () => {
  it('refuses sockets beyond the unauthenticated limit until seats are free again', async () => {
    const server = await start({ limits: { unauthenticatedMax: 2 } })
    const [first] = await Promise.all([
      connectTranscribe(server.url),
      connectTranscribe(server.url),
    ])
    await expect(connectTranscribe(server.url)).rejects.toThrow('429')
    first?.socket.terminate()
    await vi.waitFor(async () => connectTranscribe(server.url))
  })
})

describe('the login', () => {
  it('takes the session with it when it ends, after the last finals', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 90, 'last words')] } })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(3200))
    await vi.waitFor(async () => expect((await server.speech()).writtenBytes).toBe(3200))
    server.logins.get('fam_1')?.()
    expect((await client.next('error')).code).toBe('unauthenticated')
    expect(await client.closed).toBe(4401)
    expect(client.messages.find(({ type }) => type === 'transcript')).toBeDefined()
    expect(await server.ended()).toEqual([{ usedMs: 100, reason: 'unauthenticated' }])
    expect(server.logins.size).toBe(0)
  })
})

describe('credit while it runs', () => {
  it('goes on over the end of a lease without losing or doubling a byte', async () => {
    const server = await start({ leaseMs: 1000, availableMs: 60_000 })
    const client = await server.connect()
    const speech = await server.speech()
    const sent = Buffer.from(Uint8Array.from({ length: 32_000 * 5 }, (_, i) => (i * 7) % 251))
    for (let at = 0; at < sent.length; at += 20_000)
      client.sendAudio(sent.subarray(at, at + 20_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(sent.length), 10_000)
    expect(Buffer.concat(speech.written).equals(sent)).toBe(true)
    client.send({ type: 'stop' })
    expect(await client.closed).toBe(1000)
    expect(await server.ended()).toEqual([{ usedMs: 5000, reason: 'stopped' }])
    expect(await server.balance()).toEqual({ availableMs: 55_000, heldMs: 0, owedMs: 0 })
  })

  it('forwards every covered ms over several leases, and then not a sample more', async () => {
    const server = await start({ leaseMs: 1000, availableMs: 3210 })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 8; i++) client.sendAudio(new Uint8Array(16_000))
    expect(await client.closed).toBe(4402)
    expect(speech.writtenBytes).toBe(3210 * 32)
    expect(await server.balance()).toEqual({ availableMs: 0, heldMs: 0, owedMs: 0 })
  })

  it('warns once for each threshold, and again after a top-up', async () => {
    const server = await start({ availableMs: 4000, limits: { creditsLowSeconds: [3, 1] } })
    const client = await server.connect()
    const warnings = () =>
      client.messages.flatMap((message) =>
        message.type === 'credits_low' ? [message.seconds_remaining] : [],
      )
    client.sendAudio(new Uint8Array(32 * 1500))
    await vi.waitFor(() => expect(warnings()).toEqual([2]), 5000)
    client.sendAudio(new Uint8Array(32 * 1700))
    await vi.waitFor(() => expect(warnings()).toEqual([2, 0]), 5000)
    await server.grant(4000)
    client.sendAudio(new Uint8Array(32 * 500))
    // The top-up must have been noticed before what comes next uses it up.
    await new Promise((resolve) => setTimeout(resolve, 300))
    client.sendAudio(new Uint8Array(32 * 1500))
    await vi.waitFor(() => expect(warnings()).toEqual([2, 0, 2]), 5000)
    client.send({ type: 'stop' })
    await client.closed
  })

  it('notices a top-up just before the end, and goes on', async () => {
    const server = await start({ availableMs: 1000 })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32 * 900))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 900))
    await server.grant(1000)
    client.sendAudio(new Uint8Array(32 * 900))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 1800), 5000)
    client.send({ type: 'stop' })
    expect(await client.closed).toBe(1000)
  })

  it('ends with 4409, and not another byte, once the session was taken over', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000))
    const { session_id: sessionId } = await client.next('ready')
    const successor = await connectTranscribe(server.url)
    successor.send({ type: 'auth', token: 'good', resume: { session_id: sessionId } })
    await successor.next('ready')
    expect((await client.next('error')).code).toBe('lease_lost')
    expect(await client.closed).toBe(4409)
    expect(speech.writtenBytes).toBe(32_000)
    expect(speech.aborted).toBe(true)
    successor.send({ type: 'stop' })
    expect(await successor.closed).toBe(1000)
  })

  it('gives back audio that got no final when the backend is lost', async () => {
    const server = await start({ availableMs: 60_000 })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 3; i++) client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 3000))
    speech.emit({ type: 'usage', audioMs: 3000 })
    speech.emit(final(0, 1800))
    speech.emit({ type: 'error', error: new SpeechError('upstream_lost', 'gone') })
    expect(await client.closed).toBe(4502)
    expect(await server.balance()).toMatchObject({ availableMs: 60_000 - 1800, heldMs: 0 })
    expect(await server.ended()).toEqual([{ usedMs: 3000, reason: 'upstream_lost' }])
  })

  it('does not charge what was still waiting to leave when the session was taken over', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 300
    client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000))
    const { session_id: sessionId } = await client.next('ready')
    const successor = await connectTranscribe(server.url)
    successor.send({ type: 'auth', token: 'good', resume: { session_id: sessionId } })
    expect(await client.closed).toBe(4409)
    expect(await server.ended()).toEqual([{ usedMs: 700, reason: 'lease_lost' }])
    successor.send({ type: 'stop' })
    expect(await successor.closed).toBe(1000)
  })

  it('gives back no silence that the backend had heard out', async () => {
    const server = await start({ availableMs: 60_000 })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 3; i++) client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 3000))
    speech.emit({ type: 'usage', audioMs: 3000 })
    speech.emit(final(0, 400))
    const error = new SpeechError('upstream_lost', 'gone', { resumeFromMs: 2500 })
    speech.emit({ type: 'error', error })
    expect(await client.next('error')).toMatchObject({ resume_from_ms: 2500 })
    expect(await client.closed).toBe(4502)
    expect(await server.balance()).toMatchObject({ availableMs: 60_000 - 2500, heldMs: 0 })
  })

  it('gives back what a backend lost while the server was restarting', async () => {
    const error = new SpeechError('upstream_lost', 'gone')
    const server = await start({
      availableMs: 60_000,
      engine: {
        onClose: () => [final(0, 600), { type: 'usage', audioMs: 1000 }, { type: 'error', error }],
      },
    })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000))
    await server.stream.drain()
    expect(await client.closed).toBe(1012)
    expect(await server.balance()).toMatchObject({ availableMs: 60_000 - 600, heldMs: 0 })
  })
})
