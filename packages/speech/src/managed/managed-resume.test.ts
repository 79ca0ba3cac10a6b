import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { SpeechSession } from '../speech-engine.ts'
import { SpeechError } from '../speech-error.ts'
import type { SpeechEvent } from '../speech-event.ts'
import { createManagedEngine } from './managed-engine.ts'

interface Auth {
  readonly resume?: unknown
}

const never = new AbortController().signal
const lost = new SpeechError('upstream_lost', 'It went silent.', { retryable: true })
const final = (text: string, startMs: number) => ({
  type: 'transcript',
  text,
  is_final: true,
  confidence: 1,
  speech_final: true,
  start_ms: startMs,
  end_ms: startMs + 100,
  words: [],
})

/** A server that answers each `auth` with what the test says to send. */
async function scriptedServer(answer: (auth: Auth, number: number) => readonly unknown[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const auths: Auth[] = []
  const sockets: WebSocket[] = []
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.once('message', (data: Buffer) => {
      const auth = JSON.parse(data.toString()) as Auth
      const messages = answer(auth, auths.push(auth))
      for (const message of messages) socket.send(JSON.stringify(message))
    })
  })
  await once(server, 'listening')
  onTestFinished(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { serverUrl: `http://127.0.0.1:${port}`, auths, sockets }
}

const ready = (number: number, more: object = {}) => ({
  type: 'ready',
  session_id: `s_${number}`,
  resume_token: `t_${number}`,
  resume_from_ms: 0,
  backend: 'fake',
  ...more,
})

async function eventsOf(session: SpeechSession): Promise<SpeechEvent[]> {
  const events: SpeechEvent[] = []
  for await (const event of session.events) events.push(event)
  return events
}

describe('a managed session that was cut off', () => {
  it('goes on as itself: same clock, from where its server says, with what was said again', async () => {
    const { serverUrl, auths, sockets } = await scriptedServer((_auth, number) => {
      if (number === 1) return [ready(1), final('first', 0)]
      // In one packet with `ready`, as a server says again what may not have arrived.
      return [ready(1, { resume_token: 't_2', resume_from_ms: 400 }), final('second', 200)]
    })
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const options = { config: {}, startMs: 5000 }
    const first = await engine.open(options, never)
    sockets[0]?.terminate()
    expect(await eventsOf(first)).toMatchObject([
      { type: 'final', startMs: 5000, endMs: 5100 },
      { type: 'error', error: { code: 'upstream_lost', resumeFromMs: 5100 } },
    ])
    const resume = { session: first, horizonMs: 5100 }
    const second = await engine.open({ ...options, startMs: 9000, resume }, never)
    expect(auths[1]?.resume).toEqual({ session_id: 's_1', resume_token: 't_1', horizon_ms: 100 })
    expect(second.resumedFromMs).toBe(5400)
    sockets[1]?.terminate()
    expect(await eventsOf(second)).toMatchObject([
      { type: 'final', text: 'second', startMs: 5200 },
      { type: 'error' },
    ])
    // A token is good for once: each `ready` brings the next.
    await engine.open({ config: {}, resume: { session: second, horizonMs: 5300 } }, never)
    expect(auths[2]?.resume).toEqual({ session_id: 's_1', resume_token: 't_2', horizon_ms: 300 })
  })

  it('is a new session in the old one’s place where its server has another', async () => {
    const { serverUrl, auths, sockets } = await scriptedServer((_auth, number) => [ready(number)])
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const first = await engine.open({ config: {} }, never)
    sockets[0]?.terminate()
    await eventsOf(first)
    const resume = { session: first, horizonMs: 0 }
    const second = await engine.open({ config: {}, startMs: 700, resume }, never)
    expect(second.resumedFromMs).toBeUndefined()
    sockets[1]?.send(JSON.stringify(final('new', 10)))
    sockets[1]?.terminate()
    expect(await eventsOf(second)).toMatchObject([{ type: 'final', startMs: 710 }, {}])
    await engine.open({ config: {} }, never)
    expect(auths.map((auth) => auth.resume)).toEqual([
      undefined,
      { session_id: 's_1', resume_token: 't_1', horizon_ms: 0 },
      { session_id: 's_2' },
    ])
  })

  it('is kept by its server when it is lost, and ended when it is given up', async () => {
    const { serverUrl, sockets } = await scriptedServer((_auth, number) => [ready(number)])
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const closeCode = async (reason?: SpeechError) => {
      const abort = new AbortController()
      await engine.open({ config: {} }, abort.signal)
      const socket = sockets.at(-1) as WebSocket
      const closed = once(socket, 'close')
      abort.abort(reason)
      return (await closed)[0] as number
    }
    expect(await closeCode(lost)).toBe(1006)
    expect(await closeCode()).toBe(1000)
  })

  it('moves at once when its server is about to end, without waiting for it', async () => {
    const { serverUrl, sockets } = await scriptedServer(() => [ready(1)])
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const session = await engine.open({ config: {} }, never)
    const draining = { type: 'error', code: 'server_draining', message: 'Move.' }
    sockets[0]?.send(JSON.stringify({ ...draining, resume_from_ms: 300 }))
    expect(await eventsOf(session)).toMatchObject([
      { type: 'error', error: { code: 'server_draining', retryable: true, resumeFromMs: 300 } },
    ])
  })
})

describe('a managed engine', () => {
  it('does not wait for a server that answers the dial only in trickles', async () => {
    const trickling = createServer((socket) => {
      socket.on('error', () => undefined)
      const timer = setInterval(() => socket.write('X'), 20)
      socket.on('close', () => clearInterval(timer))
      socket.write('HTTP/1.1 101 Switching Protocols\r\nX-Slow: ')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void trickling.close())
    await once(trickling, 'listening')
    const { port } = trickling.address() as AddressInfo
    const engine = createManagedEngine({
      serverUrl: `http://127.0.0.1:${port}`,
      getToken: async () => 'token',
      dialTimeoutMs: 200,
    })
    await expect(engine.open({ config: {} }, never)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('is lost before a minute of audio waits for a network that takes none', async () => {
    const { serverUrl } = await scriptedServer(() => [ready(1)])
    // Without time going by the sender's allowance never comes back.
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token', now: () => 0 })
    const session = await engine.open({ config: {} }, never)
    let mostMs = 0
    for (let ms = 0; ms < 300_000; ms += 1000) {
      session.write(new Uint8Array(32_000))
      mostMs = Math.max(mostMs, session.bufferedMs)
    }
    expect(mostMs).toBeGreaterThan(50_000)
    expect(mostMs).toBeLessThanOrEqual(61_000)
    expect(await eventsOf(session)).toMatchObject([
      { type: 'error', error: { code: 'upstream_lost', retryable: true } },
    ])
  })
})
