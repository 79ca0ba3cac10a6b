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

test.each([
  'GET *',
  'GET http://127.0.0.1/health',
  'GET //[',
  'GET /\\\\evil.example',
  'TRACE /trpc/web.session',
  'GET /billing/packages?__proto__=x&constructor=y',
  'GET /trpc/web.session?toString=x',
])('`%s` is refused, not an error of the server', async (target) => {
  const answer = await send(`${target} HTTP/1.1`, 'Host: localhost')
  expect(answer).toMatch(/^HTTP\/1.1 400 [^]*"code":"bad_request"/)
})

test.each(['[', '{"a":'])('a body of thousands of `%s` is refused', async (open) => {
  const body = `{"refresh_token":${open.repeat(10_000)}`
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': `198.51.100.${open.length}`,
  }
  const close = open === '[' ? ']'.repeat(10_000) : `1${'}'.repeat(10_000)}`
  const init = { method: 'POST', headers, body: `${body}${close}}` }
  expect((await fetch(`${app.url}/auth/logout`, init)).status).toBe(400)
  expect((await fetch(`${app.url}/trpc/auth.logout`, init)).status).toBe(400)
  // In a text they are none.
  const text = JSON.stringify({ refresh_token: `"\\${'['.repeat(100)}` })
  expect((await fetch(`${app.url}/auth/logout`, { ...init, body: text })).status).toBe(200)
})

test('nobody hides behind the proxy by sending more headers than are read', async () => {
  const filler = Array.from({ length: 64 }, (_, i) => `x-${i}: y`)
  const forwarded = 'X-Forwarded-For: 203.0.113.9'
  const first = ['POST /auth/logout HTTP/1.1', 'Host: localhost', ...filler, forwarded]
  expect(await send(...first)).toMatch(/^HTTP\/1.1 400 [^]*fewer than 64 headers/)
  const socket = ['GET /trpc HTTP/1.1', 'Host: localhost', ...upgrade, ...filler, forwarded]
  expect(await send(...socket)).toMatch(/^HTTP\/1.1 400 [^]*fewer than 64 headers/)
})

test('one request carries at most 20 calls', async () => {
  const batch = (size: number): string =>
    `${app.url}/trpc/${Array.from({ length: size }, () => 'web.session').join(',')}?batch=1`
  expect((await fetch(batch(20))).status).toBe(200)
  expect((await fetch(batch(21))).status).toBe(400)
})

test('who keeps offering another protocol is answered, and loses the connection', async () => {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  const closed = once(socket, 'close')
  const offer = ['GET /health HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: h2c']
  for (let i = 0; i < 2; i++) {
    socket.write(`${offer.join('\r\n')}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /)
    expect(/connection: close/i.test(answer.toString())).toBe(i === 1)
  }
  await closed
})

test('text that the database refuses is refused with the field’s name', async () => {
  const post = async (path: string, body: object, token = ''): Promise<Response> =>
    fetch(app.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
  const credentials = { email: 'nul@example.org', password: 'correct horse' }
  const login = await (await post('/auth/register', credentials)).json()
  const { access_token: token } = login as { access_token: string }
  const key = { package_id: 'starter', idempotency_key: 'a\0' }
  for (const response of [
    await post('/billing/checkout', key, token),
    await post('/trpc/account.signOut', { id: '\0' }, token),
  ]) {
    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(/"(idempotency_key|id): must be/)
  }
})
