import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { ServerMessage } from '@saywire/protocol'
import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { patient } from '../testing/patient.ts'
import type { StreamLimits } from './stream-limits.ts'
import { defaultStreamLimits } from './stream-limits.ts'
import type { StreamSocket } from './stream-socket.ts'
import { createStreamSocket, TranscribeSocket } from './stream-socket.ts'

const silent = pino({ level: 'silent' })
const PONG_TIMEOUT_MS = 1000
const TICK_MS = 100
const MESSAGE_BYTES = 20_000
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A client that never answers a ping, and its socket on the server, on a clock of the test's. */
async function connectMute(
  options: Partial<StreamLimits> = {},
): Promise<{ client: WebSocket; serverSide: TranscribeSocket; socket: StreamSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', WebSocket: TranscribeSocket })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection') as Promise<[TranscribeSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: false })
  client.on('error', () => undefined)
  ends.push(() => {
    client.terminate()
    server.close()
  })
  const [[serverSide]] = await Promise.all([accepted, once(client, 'open')])
  const limits = { ...defaultStreamLimits, pongTimeoutMs: PONG_TIMEOUT_MS, ...options }
  const socket = createStreamSocket(serverSide, limits, () => 0, silent)
  socket.receive(() => undefined)
  return { client, serverSide, socket }
}

test('a client that does not answer is cut off after the timeout, not before', async () => {
  const { client, socket } = await connectMute()
  let nowMs = 0
  for (; nowMs <= PONG_TIMEOUT_MS; nowMs += TICK_MS) socket.checkAlive(nowMs)
  await sleep(50)
  expect(client.readyState).toBe(WebSocket.OPEN)
  const closed = once(client, 'close')
  socket.checkAlive(nowMs)
  expect((await closed)[0]).toBe(1006)
})

test('a server that was frozen lets its clients answer first', async () => {
  const { client, socket } = await connectMute()
  const wokenAtMs = 60_000
  socket.checkAlive(wokenAtMs)
  await sleep(50)
  expect(client.readyState).toBe(WebSocket.OPEN)
  const closed = once(client, 'close')
  for (let ms = 0; ms <= PONG_TIMEOUT_MS + TICK_MS; ms += TICK_MS) socket.checkAlive(wokenAtMs + ms)
  expect((await closed)[0]).toBe(1006)
})

/** A client that reads and answers, and its socket on the server. */
async function connect(limits: Partial<StreamLimits>): Promise<{
  readonly client: WebSocket
  readonly serverSide: TranscribeSocket
  readonly socket: StreamSocket
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', WebSocket: TranscribeSocket })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection') as Promise<[TranscribeSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  client.on('error', () => undefined)
  ends.push(() => {
    client.terminate()
    server.close()
  })
  const [[serverSide]] = await Promise.all([accepted, once(client, 'open')])
  const now = (): number => performance.now()
  return {
    client,
    serverSide,
    socket: createStreamSocket(serverSide, { ...defaultStreamLimits, ...limits }, now, silent),
  }
}

const transcript = (isFinal: boolean, text: string): ServerMessage => ({
  type: 'transcript',
  text,
  is_final: isFinal,
  confidence: 1,
  speech_final: isFinal,
  start_ms: 0,
  end_ms: 1,
  words: [],
})

test('a client that lives is heard while the session does not take its audio', async () => {
  const { client, socket } = await connect({ pongTimeoutMs: 500 })
  socket.receive(() => undefined)
  socket.receive(undefined)
  client.send(new Uint8Array(640))
  for (let i = 0; i < 20; i++) {
    socket.checkAlive(performance.now())
    await sleep(50)
  }
  expect(client.readyState).toBe(WebSocket.OPEN)
})

test('a client that is dead is found while the session does not take its audio', async () => {
  const { client, socket } = await connectMute()
  socket.receive(undefined)
  const closed = once(client, 'close')
  for (let ms = 0; ms <= PONG_TIMEOUT_MS + TICK_MS; ms += TICK_MS) socket.checkAlive(ms)
  expect((await closed)[0]).toBe(1006)
})

test('a client that dies while its network is not read is found, too, but later', async () => {
  const unreadMaxMs = 3000
  const { client, serverSide, socket } = await connectMute({ readAheadMaxBytes: 1000, unreadMaxMs })
  socket.receive(undefined)
  client.send(new Uint8Array(2000))
  await vi.waitFor(() => expect(serverSide.isPaused).toBe(true), patient)
  let nowMs = 0
  for (; nowMs <= unreadMaxMs + PONG_TIMEOUT_MS; nowMs += TICK_MS) socket.checkAlive(nowMs)
  expect(serverSide.readyState).toBe(WebSocket.OPEN)
  const closed = once(client, 'close')
  socket.checkAlive(nowMs)
  expect((await closed)[0]).toBe(1006)
})

test('what waits for the session is bounded, and comes whole and in order', async () => {
  const readAheadMaxBytes = 100_000
  const { client, serverSide, socket } = await connect({ readAheadMaxBytes })
  const heard: number[] = []
  socket.receive(() => undefined)
  socket.receive(undefined)
  for (let i = 0; i < 500; i++) client.send(Buffer.alloc(MESSAGE_BYTES, i % 251))
  await vi.waitFor(() => expect(serverSide.isPaused).toBe(true), patient)
  await sleep(50)
  socket.receive((data) => heard.push(data[0] as number))
  // One more read of the network may have been on its way.
  expect(heard.length * MESSAGE_BYTES).toBeLessThan(readAheadMaxBytes + 2 * 65_536)
  await vi.waitFor(() => expect(heard).toHaveLength(500), patient)
  expect(heard).toEqual(Array.from({ length: 500 }, (_, i) => i % 251))
})

test('nothing is read ahead of a client that has not said who it is', async () => {
  const { client, serverSide } = await connect({})
  client.send(new Uint8Array(1000))
  await sleep(50)
  expect(serverSide.isPaused).toBe(true)
})

test('a client that does not read loses interims first, and is then cut off', async () => {
  const limits = { interimDropBytes: 256 * 1024, clientBufferMaxBytes: 1024 * 1024 }
  const { client, serverSide, socket } = await connect(limits)
  const closed = once(client, 'close')
  client.pause()
  const text = 'x'.repeat(50_000)
  let interimPeak = 0
  let isDropping = false
  while (!isDropping) {
    const before = serverSide.bufferedAmount
    socket.send(transcript(false, text))
    interimPeak = Math.max(interimPeak, serverSide.bufferedAmount)
    isDropping = before > limits.interimDropBytes && serverSide.bufferedAmount === before
    await setImmediate()
  }
  expect(serverSide.readyState).toBe(WebSocket.OPEN)
  expect(interimPeak).toBeLessThan(limits.interimDropBytes + 2 * text.length)
  let peak = 0
  while (serverSide.readyState === WebSocket.OPEN) {
    socket.send(transcript(true, text))
    peak = Math.max(peak, serverSide.bufferedAmount)
    await setImmediate()
  }
  expect(peak).toBeGreaterThan(limits.interimDropBytes)
  expect(peak).toBeLessThan(limits.clientBufferMaxBytes + 2 * text.length)
  client.resume()
  expect((await closed)[0]).toBe(1006)
})
