import { BYTES_PER_MS } from '@saywire/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectTranscribe } from '../src/stream/testing/transcribe-client.ts'
import { registerUser } from '../src/testing/register-user.ts'
import type { TestDatabase } from '../src/testing/test-database.ts'
import { createTestDatabase } from '../src/testing/test-database.ts'
import { ATTEMPTS, startProxiedServers } from './testing/proxied-servers.ts'
import { isInstalled } from './testing/proxy.ts'

const AUDIO_MS = 2000
const FRAME_MS = 40
const JSON_BODY = { 'content-type': 'application/json' }

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

const newEmail = (): string => `${crypto.randomUUID()}@example.org`

describe.each(['nginx', 'haproxy'] as const)('%s', (program) => {
  const missing = isInstalled(program) ? '' : ` (skipped: ${program} is not installed)`

  describe.skipIf(missing)(`as shipped${missing}`, () => {
    test('audio and words pass in both directions, and the session ends in order', async () => {
      const { servers, url, options } = await startProxiedServers(program, database)
      const { token } = await registerUser(servers[0].app.url)
      const client = await connectTranscribe(url, { token }, options)
      for (let sentMs = 0; sentMs < AUDIO_MS; sentMs += FRAME_MS) {
        client.sendAudio(Buffer.alloc(FRAME_MS * BYTES_PER_MS, sentMs))
      }
      client.send({ type: 'stop' })
      expect(await client.next('session_end')).toMatchObject({ used_ms: AUDIO_MS })
      expect(client.messages.some(({ type }) => type === 'transcript')).toBe(true)
      expect(await client.closed).toBe(1000)
    })

    test('limits are kept by who is behind the proxy, whatever they claim to be', async () => {
      const { ask } = await startProxiedServers(program, database)
      const attempt = async (localAddress: string, claim: string): Promise<number> => {
        const body = JSON.stringify({ email: newEmail(), password: 'wrong horse' })
        const headers = { ...JSON_BODY, 'x-forwarded-for': claim }
        return (await ask('/auth/login', { method: 'POST', headers, body, localAddress })).status
      }
      const answers: number[] = []
      for (let i = 0; i <= ATTEMPTS; i += 1) {
        answers.push(await attempt('127.0.0.2', `203.0.113.${i}`))
      }
      expect(answers).toEqual([...Array.from({ length: ATTEMPTS }, () => 401), 429])
      expect(await attempt('127.0.0.3', '127.0.0.2')).toBe(401)
    })

    test('the server learns that browsers speak TLS, and they that they shall', async () => {
      const { ask, plainUrl } = await startProxiedServers(program, database)
      const answer = await ask('/trpc/web.register', {
        method: 'POST',
        headers: { ...JSON_BODY, origin: 'https://captions.example.org' },
        body: JSON.stringify({ email: newEmail(), password: 'correct horse' }),
      })
      expect(answer.status).toBe(200)
      expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-saywire_session=.*; Secure/)
      expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
      const plain = await fetch(`${plainUrl}/dashboard?a=b`, { redirect: 'manual' })
      expect(plain.status).toBe(308)
      expect(plain.headers.get('location')).toMatch(/^https:.*\/dashboard\?a=b$/)
    })

    test('bodies have the size that the server takes, events of Stripe theirs', async () => {
      const { ask } = await startProxiedServers(program, database)
      const post = async (path: string, bytes: number): Promise<number> =>
        (await ask(path, { method: 'POST', headers: JSON_BODY, body: Buffer.alloc(bytes, 32) }))
          .status
      expect(await post('/auth/login', 66_000)).toBe(413)
      expect(await post('/webhooks/stripe', 66_000)).not.toBe(413)
      expect(await post('/webhooks/stripe', 1_100_000)).toBe(413)
    })

    test('what is for whoever watches is not shown to the world', async () => {
      const { ask } = await startProxiedServers(program, database)
      expect(await ask('/health')).toMatchObject({ status: 200 })
      for (const path of ['/ready', '/metrics']) expect((await ask(path)).status).toBe(404)
    })

    test('while a server drains, what is new begins at the other one, and nothing fails', async () => {
      const { servers, url, options, holdEnds } = await startProxiedServers(program, database)
      const { token } = await registerUser(servers[0].app.url)
      const held = await connectTranscribe(url, { token }, options)
      const isFirst = servers[0].begunCount() === 1
      const [draining, other] = isFirst ? servers : servers.toReversed()
      const release = holdEnds()
      const drained = draining?.app.close()
      expect(await held.next('error')).toMatchObject({ code: 'server_draining' })
      // Of so many, the server with fewer sessions would get most.
      const others = await Promise.all(
        Array.from({ length: 3 }, async () => connectTranscribe(url, { token }, options)),
      )
      expect(other?.begunCount()).toBe(others.length)
      release()
      expect(await held.closed).toBe(1012)
      await drained
      for (const { socket } of others) socket.close()
    })
  })
})
