import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CLOSE_AUTH_TIMEOUT, CLOSE_CODE_BY_ERROR } from '@saywire/protocol'
import { WebSocketServer } from 'ws'
import type { EventQueue } from '../event-queue.ts'
import type { SpeechEvent } from '../speech-event.ts'
import { createManagedEngine } from './managed-engine.ts'

const never = new AbortController().signal
/** How much faster than real time the engine's clock runs here. */
const HASTE = 20

describe('a managed session', () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  afterEach(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })

  it('keeps its place while nobody speaks, without sending audio', async () => {
    const received: { type: string }[] = []
    let audioBytes = 0
    server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => {
        const bytes = data as Buffer
        if (isBinary) audioBytes += bytes.byteLength
        else received.push(JSON.parse(bytes.toString()) as { type: string })
        if (received.length > 1) return
        const ready = { type: 'ready', session_id: 's_1', resume_from_ms: 0, backend: 'fake' }
        socket.send(JSON.stringify(ready))
      })
    })
    const { port } = server.address() as AddressInfo
    const engine = createManagedEngine({
      serverUrl: `http://127.0.0.1:${port}`,
      getToken: async () => 'token',
      now: () => performance.now() * HASTE,
    })
    const session = await engine.open({ config: {} }, never)
    session.write(new Uint8Array(640))
    await vi.waitFor(
      () => expect(received.filter(({ type }) => type === 'keepalive').length).toBeGreaterThan(2),
      { timeout: 20_000 },
    )
    expect(audioBytes).toBe(640)
  })

  it('keeps little waiting of whatever a server says at once', { timeout: 60_000 }, async () => {
    const talkative = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    const count = 20_000
    talkative.on('connection', (socket) => {
      const ready = { type: 'ready', session_id: 's_1', resume_from_ms: 0, backend: 'fake' }
      socket.send(JSON.stringify(ready))
      const ack = JSON.stringify({ type: 'ack', audio_ms: 0 })
      for (let sent = 0; sent < count; sent++) socket.send(ack)
      socket.close(1012)
    })
    await once(talkative, 'listening')
    const { port } = talkative.address() as AddressInfo
    const serverUrl = `http://127.0.0.1:${port}`
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const { events } = await engine.open({ config: {} }, never)
    let waitingMax = 0
    let taken = 0
    for await (const event of events) {
      if (event.type === 'usage') taken += 1
      waitingMax = Math.max(waitingMax, (events as EventQueue<SpeechEvent>).length)
    }
    expect(taken).toBe(count)
    // One read of the socket; each of these takes 29 bytes of it.
    expect(waitingMax).toBeLessThan(65_536 / 28)
    talkative.close()
  })

  it('is tried again where the login came too late for the server, and not where it was refused', async () => {
    const own = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(own, 'listening')
    let closeCode: number = CLOSE_AUTH_TIMEOUT
    own.on('connection', (socket) => {
      const error = { type: 'error', code: 'unauthenticated', message: 'No auth message came.' }
      socket.send(JSON.stringify(error))
      socket.close(closeCode)
    })
    const { port } = own.address() as AddressInfo
    const serverUrl = `http://127.0.0.1:${port}`
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const late = { code: 'unreachable', retryable: true }
    await expect(engine.open({ config: {} }, never)).rejects.toMatchObject(late)
    closeCode = CLOSE_CODE_BY_ERROR.unauthenticated
    const refused = { code: 'unauthenticated', retryable: false }
    await expect(engine.open({ config: {} }, never)).rejects.toMatchObject(refused)
    own.close()
  })

  it.each([
    ['whisper base.en', true],
    ['deepgram nova-3', undefined],
  ])('by a server with %s may take long: %s', async (backend, mayTakeLong) => {
    const own = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    own.on('connection', (socket) => {
      const ready = { type: 'ready', session_id: 's_1', resume_from_ms: 0, backend }
      socket.send(JSON.stringify(ready))
    })
    await once(own, 'listening')
    const { port } = own.address() as AddressInfo
    const serverUrl = `http://127.0.0.1:${port}`
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const given = new AbortController()
    const session = await engine.open({ config: {} }, given.signal)
    expect(session.mayTakeLong).toBe(mayTakeLong)
    given.abort()
    own.close()
  })

  it('is lost, rather than silent for minutes, where the network has gone dead', async () => {
    const gone = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false })
    gone.on('connection', (socket) => {
      const ready = { type: 'ready', session_id: 's_1', resume_from_ms: 0, backend: 'fake' }
      socket.send(JSON.stringify(ready))
    })
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    const engine = createManagedEngine({
      serverUrl: `http://127.0.0.1:${port}`,
      getToken: async () => 'token',
      pingMs: 100,
    })
    const session = await engine.open({ config: {} }, never)
    session.write(new Uint8Array(640))
    const events = []
    for await (const event of session.events) events.push(event)
    expect(events).toMatchObject([
      { type: 'error', error: { code: 'upstream_lost', retryable: true, resumeFromMs: 0 } },
    ])
    gone.close()
  })
  it('stays with a server that reads nothing for a while, but pings', async () => {
    const busy = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false })
    let pinging: NodeJS.Timeout | undefined
    busy.on('connection', (socket) => {
      const ready = { type: 'ready', session_id: 's_1', resume_from_ms: 0, backend: 'fake' }
      socket.send(JSON.stringify(ready))
      const final = { text: 'late', is_final: true, confidence: 1, speech_final: true }
      const interim = { text: 'la te', is_final: false, confidence: 1, speech_final: false }
      pinging = setInterval(() => socket.ping(), 50)
      setTimeout(() => {
        const times = { start_ms: 0, end_ms: 20, words: [] }
        const promised = { ...interim, committed_words: 1, ...times }
        socket.send(JSON.stringify({ type: 'transcript', ...promised }))
        socket.send(JSON.stringify({ type: 'transcript', ...final, ...times }))
      }, 1000)
    })
    await once(busy, 'listening')
    const { port } = busy.address() as AddressInfo
    const engine = createManagedEngine({
      serverUrl: `http://127.0.0.1:${port}`,
      getToken: async () => 'token',
      pingMs: 200,
    })
    const session = await engine.open({ config: {} }, never)
    session.write(new Uint8Array(640))
    const events = session.events[Symbol.asyncIterator]()
    const guess = await events.next()
    expect(guess.value).toMatchObject({ type: 'interim', text: 'la te', committedWords: 1 })
    const first = await events.next()
    expect(first.value).toMatchObject({ type: 'final', text: 'late' })
    clearInterval(pinging)
    for (const client of busy.clients) client.terminate()
    busy.close()
  })
  it('that is dropped for another one is taken over by it, and only by it', async () => {
    const rooms = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    const takenOver: unknown[] = []
    rooms.on('connection', (socket) => {
      socket.once('message', (data: Buffer) => {
        const auth = JSON.parse(data.toString()) as { resume?: { session_id: string } }
        const number = takenOver.push(auth.resume?.session_id)
        const ready = { type: 'ready', session_id: `s_${number}`, resume_from_ms: 0, backend: 'f' }
        socket.send(JSON.stringify(ready))
      })
    })
    await once(rooms, 'listening')
    const { port } = rooms.address() as AddressInfo
    const serverUrl = `http://127.0.0.1:${port}`
    const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
    const abort = new AbortController()
    await engine.open({ config: {} }, abort.signal)
    abort.abort()
    await engine.open({ config: {} }, never)
    await engine.open({ config: {} }, never)
    expect(takenOver).toEqual([undefined, 's_1', undefined])
    for (const client of rooms.clients) client.terminate()
    rooms.close()
  })
})
