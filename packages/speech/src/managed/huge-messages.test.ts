import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { SpeechEvent } from '../speech-event.ts'
import { createManagedEngine } from './managed-engine.ts'

let server: WebSocketServer
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
})
afterEach(() => {
  for (const client of server.clients) client.terminate()
  server.close()
})

/** All that a session tells which is open when the server says something. */
async function hear(say: (socket: WebSocket) => void): Promise<SpeechEvent[]> {
  server.on('connection', (socket) => {
    socket.once('message', () => {
      const ready = { type: 'ready', session_id: 's_1', resume_from_ms: 0, backend: 'fake' }
      socket.send(JSON.stringify(ready))
      say(socket)
    })
  })
  const { port } = server.address() as AddressInfo
  const serverUrl = `http://127.0.0.1:${port}`
  const engine = createManagedEngine({ serverUrl, getToken: async () => 'token' })
  const session = await engine.open({ config: {} }, new AbortController().signal)
  const events: SpeechEvent[] = []
  for await (const event of session.events) events.push(event)
  return events
}

it('takes a server for lost that sends a message without an end, rather than keep it', async () => {
  const events = await hear((socket) => socket.send('x'.repeat(2 * 1024 * 1024)))
  expect(events).toMatchObject([
    { type: 'error', error: { code: 'upstream_lost', retryable: true } },
  ])
})

it('passes on no more than a sentence of what a server says to the user', async () => {
  const error = { type: 'error', code: 'busy', message: 'Later. '.repeat(10_000) }
  const events = await hear((socket) => {
    socket.send(JSON.stringify(error))
    socket.close(1013)
  })
  const [told] = events
  expect(told).toMatchObject({ type: 'error', error: { code: 'busy' } })
  expect(told?.type === 'error' && told.error.message.length).toBe(300)
})
