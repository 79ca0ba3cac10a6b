import { SpeechError } from '@saywire/speech'
import { describe, expect, it, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const start = setStreamStage()

describe('the handshake', () => {
  it('answers auth with ready and hands the config to the engine', async () => {
    const server = await start()
    // As many terms as there may be, and as long.
    const keyterm = Array.from({ length: 100 }, (_, at) => String(at).padEnd(100, 'x'))
    const client = await server.connect({ language: 'en-US', keyterm, translate: true })
    const ready = await client.next('ready')
    expect(ready).toMatchObject({ resume_from_ms: 0, backend: 'scripted' })
    expect(ready.session_id).toMatch(/^ses_/)
    const { options } = await server.speech()
    expect(options).toEqual({
      config: { language: 'en-US', keyterm, translate: true },
      startMs: 0,
    })
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
    [
      'a session id that is none',
      '{"type":"auth","token":"good","resume":{"session_id":"ses_\\u0000"}}',
      'resume.session_id',
    ],
    [
      'a horizon that is no number of ms',
      '{"type":"auth","token":"good","resume":{"session_id":"ses_1","horizon_ms":1e308}}',
      'resume.horizon_ms',
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

  it.each([
    ['unauthenticated', 'upstream_lost', undefined, 4502],
    ['insufficient_credits', 'busy', 60_000, 1013],
  ] as const)(
    'never tells a client of the provider’s `%s` as if it were theirs',
    async (refusal, code, retryAfterMs, closeCode) => {
      const server = await start()
      server.engine.failNextOpen(new SpeechError(refusal, 'The key was refused.'))
      const client = await connectTranscribe(server.url)
      client.send({ type: 'auth', token: 'good' })
      const error = await client.next('error')
      expect([error.code, error.retry_after_ms]).toEqual([code, retryAfterMs])
      expect(error.message).not.toContain('key')
      expect(await client.closed).toBe(closeCode)
    },
  )

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
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(1280), patient)
    expect(speech.written.map((chunk) => chunk[0])).toEqual([1, 2])
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
    await vi.waitFor(async () => connectTranscribe(server.url), patient)
  })
})

it('ends a session in which a fault comes to light, and no other', async () => {
  const server = await start({ limits: { sessionsMaxPerUser: 2 } })
  const client = await server.connect()
  Object.assign(await server.speech(), {
    write() {
      throw new Error('a fault')
    },
  })
  const other = await server.connect()
  client.sendAudio(new Uint8Array(3200))
  expect((await client.next('error')).code).toBe('internal')
  expect(await client.closed).toBe(1011)
  other.sendAudio(new Uint8Array(3200))
  other.send({ type: 'keepalive' })
  expect((await other.next('ack')).audio_ms).toBe(100)
})

describe('the login', () => {
  it('takes the session with it when it ends, after the last finals', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 90, 'last words')] } })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(3200))
    await vi.waitFor(async () => expect((await server.speech()).writtenBytes).toBe(3200), patient)
    server.logins.get('fam_1')?.('unauthenticated')
    expect((await client.next('error')).code).toBe('unauthenticated')
    expect(await client.closed).toBe(4401)
    expect(client.messages.find(({ type }) => type === 'transcript')).toBeDefined()
    expect(await server.ended()).toEqual([{ usedMs: 100, reason: 'unauthenticated' }])
    expect(server.logins.size).toBe(0)
  })

  it('says so where it ended because the account was blocked', async () => {
    const server = await start()
    const client = await server.connect()
    server.logins.get('fam_1')?.('account_blocked')
    expect(await client.next('error')).toMatchObject({
      code: 'account_blocked',
      message: expect.stringMatching(/^This account is blocked/),
      retry_after_ms: 600_000,
    })
    expect(await client.closed).toBe(4403)
  })
})
