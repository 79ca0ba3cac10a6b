import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { encodeFrame, TEXT } from '../testing/fuzz/websocket-frames.ts'
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

/** All that the server sends back to these very bytes, until it hangs up. */
async function exchange(request: string): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(request)
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const smuggled = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
test.each([
  ['both lengths', 'Content-Length: 4\r\nTransfer-Encoding: chunked'],
  ['both lengths, the other way round', 'Transfer-Encoding: chunked\r\nContent-Length: 4'],
  ['two lengths', 'Content-Length: 0\r\nContent-Length: 50'],
  ['a list of lengths', 'Content-Length: 0, 50'],
  ['a signed length', 'Content-Length: +0'],
  ['a length in hexadecimal', 'Content-Length: 0x0'],
  ['an encoding that is not the last', 'Transfer-Encoding: chunked, identity'],
  ['an encoding that is none', 'Transfer-Encoding: xchunked'],
  ['a space before the colon', 'Transfer-Encoding : chunked'],
  ['a folded line', 'X: y\r\n Transfer-Encoding: chunked'],
  ['a bare carriage return', 'X: y\rTransfer-Encoding: chunked'],
  ['a NUL', 'X: y\0\r\nContent-Length: 0'],
])('with %s no second request is smuggled in', async (_, headers) => {
  for (const upgrade of ['', 'Connection: Upgrade\r\nUpgrade: h2c\r\n']) {
    const answer = await exchange(
      `POST /auth/logout HTTP/1.1\r\nHost: localhost\r\n${upgrade}${headers}\r\n\r\n0\r\n\r\n${smuggled}`,
    )
    expect(answer.match(/HTTP\/1.1 \d+/g) ?? []).toEqual(['HTTP/1.1 400'])
    expect(answer).not.toContain('"openapi"')
  }
})

test.each([
  ['the origin', (evil: string) => ({ origin: `http://localhost${evil}` })],
  ['the host', (evil: string) => ({ host: `localhost${evil}` })],
  ['the token', (evil: string) => ({ authorization: `Bearer ${evil}` })],
  ['the proxy’s word', (evil: string) => ({ 'x-forwarded-proto': `https${evil}` })],
])('nothing in %s becomes a header of the answer', async (_, headersOf) => {
  for (const evil of [
    '%0d%0aset-cookie:%20a=b',
    '\u010d\u010aset-cookie: a=b',
    '\tset-cookie: a=b',
  ]) {
    const lines = Object.entries(headersOf(evil)).map(([name, value]) => `${name}: ${value}`)
    const host = lines.some((line) => line.startsWith('host')) ? [] : ['Host: localhost']
    const request = ['GET /health HTTP/1.1', ...host, ...lines, 'Connection: close', '', '']
    const [head = ''] = (await exchange(request.join('\r\n'))).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 /)
    expect(head).not.toMatch(/^\s*set-cookie/im)
  }
})

test.each(['/trpc', TRANSCRIBE_PATH])('%s takes no compression, and no bomb', async (path) => {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}${path}`, {
    perMessageDeflate: true,
    headers: { 'x-forwarded-for': '198.51.100.77' },
  })
  const upgraded = once(socket, 'upgrade') as Promise<[IncomingMessage]>
  await once(socket, 'open')
  const [{ socket: raw }] = await upgraded
  expect(socket.extensions).toBe('')
  const closed = once(socket, 'close')
  // A text message whose bit says that it is compressed.
  raw.write(encodeFrame({ opcode: TEXT, payload: deflateRawSync('x'.repeat(1e6)), reserved: 4 }))
  expect((await closed)[0]).toBe(1002)
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
