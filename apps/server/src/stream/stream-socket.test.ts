import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { defaultStreamLimits } from './stream-limits.ts'
import type { StreamSocket } from './stream-socket.ts'
import { createStreamSocket, TranscribeSocket } from './stream-socket.ts'

const PONG_TIMEOUT_MS = 1000
const TICK_MS = 100
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A client that never answers a ping, and its socket on the server, on a clock of the test's. */
async function connectMute(): Promise<{ client: WebSocket; socket: StreamSocket }> {
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
  const [serverSide] = await accepted
  const limits = { ...defaultStreamLimits, pongTimeoutMs: PONG_TIMEOUT_MS }
  const socket = createStreamSocket(serverSide, limits, () => 0)
  socket.receive(() => undefined)
  return { client, socket }
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
