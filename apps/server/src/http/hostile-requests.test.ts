import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
/** Reached from everywhere, behind one proxy: hosts and addresses are what the headers say. */
let app: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  app = await startTestApp(database.url, { host: '0.0.0.0', trustProxy: 1, authRatePerMinute: 2 })
})
afterAll(async () => {
  await app.close()
  await database.drop()
})

/** The beginning of what the server sends back to these very lines. */
async function send(...lines: string[]): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString()
}

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

test.each(['', 'a b', '[', 'localhost:99999'])(
  'a WebSocket of the host `%s` is refused, and the server goes on',
  async (host) => {
    const answer = await send('GET /trpc HTTP/1.1', `Host: ${host}`, ...upgrade)
    expect(answer).toMatch(/^HTTP\/1.1 403 /)
    expect((await fetch(`${app.url}/health`)).status).toBe(200)
  },
)

test('nobody hides behind the proxy by sending more headers than are read', async () => {
  const filler = Array.from({ length: 64 }, (_, i) => `x-${i}: y`)
  const forwarded = 'X-Forwarded-For: 203.0.113.9'
  const first = ['POST /auth/logout HTTP/1.1', 'Host: localhost', ...filler, forwarded]
  expect(await send(...first)).toMatch(/^HTTP\/1.1 400 [^]*fewer than 64 headers/)
  const socket = ['GET /trpc HTTP/1.1', 'Host: localhost', ...upgrade, ...filler, forwarded]
  expect(await send(...socket)).toMatch(/^HTTP\/1.1 400 [^]*fewer than 64 headers/)
})
