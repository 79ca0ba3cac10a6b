import { once } from 'node:events'
import { connect } from 'node:net'
import { apiErrorCodeSchema, TRANSCRIBE_PATH } from '@saywire/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let app: TestApp
let count = 0
const friend = 'https://dashboard.example.org'

beforeAll(async () => {
  database = await createTestDatabase()
  app = await startTestApp(database.url, { allowedOrigins: [friend] })
})
afterAll(async () => {
  await app.close()
  await database.drop()
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(app.url + path, { redirect: 'manual', ...init })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text }
  return { status: response.status, headers: response.headers, body }
}

const post = async (path: string, body: unknown): Promise<Answer> =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const get = async (path: string, token: string): Promise<Answer> =>
  call(path, { headers: { authorization: `Bearer ${token}` } })

const newEmail = (): string => `user${count++}@example.org`

async function register(): Promise<{ access_token: string; refresh_token: string }> {
  const { body } = await post('/auth/register', { email: newEmail(), password: 'correct horse' })
  return body as { access_token: string; refresh_token: string }
}

describe('accounts over REST', () => {
  test('register, log in with the address in other case, refresh, look, log out', async () => {
    const email = newEmail()
    const registered = await post('/auth/register', { email, password: 'correct horse' })
    expect(registered).toMatchObject({ status: 200, body: { expires_in: 900, user: { email } } })
    const login = {
      email: ` ${email.toUpperCase()} `,
      password: 'correct horse',
      device_name: 'PC',
    }
    const loggedIn = await post('/auth/login', login)
    expect(loggedIn).toMatchObject({ status: 200, body: { user: { email } } })
    const refreshed = await post('/auth/refresh', { refresh_token: loggedIn.body['refresh_token'] })
    const token = String(refreshed.body['access_token'])
    const credits = { seconds_remaining: 3600, minutes_remaining: 60, balance_ms: 3_600_000 }
    expect((await get('/account/me', token)).body).toEqual({
      id: (registered.body['user'] as { id: string }).id,
      email,
      credits,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    })
    expect((await get('/billing/balance', token)).body).toEqual(credits)
    const refresh_token = refreshed.body['refresh_token']
    expect((await post('/auth/logout', { refresh_token })).status).toBe(200)
    expect(await post('/auth/refresh', { refresh_token })).toMatchObject({
      status: 401,
      body: { error: { code: 'unauthenticated' } },
    })
  })

  test.each([
    ['a password of 7 characters', { email: 'a@example.org', password: '1234567' }, 'password'],
    [
      'a password of 257 characters',
      { email: 'a@example.org', password: 'x'.repeat(257) },
      'password',
    ],
    ['a password that is no string', { email: 'a@example.org', password: 12_345_678 }, 'password'],
    ['an address without a domain', { email: 'a@b', password: '12345678' }, 'email'],
    [
      'a device name with a NUL',
      { email: 'a@example.org', password: '12345678', device_name: 'a\0b' },
      'device_name',
    ],
  ])('%s is refused, naming the field', async (_, input, field) => {
    const { status, body } = await post('/auth/register', input)
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: 'bad_request', issues: [{ path: field }] } })
  })
})

describe('errors have one shape', () => {
  test.each([
    ['an unknown path', '/nowhere', {}, 404, 'not_found'],
    ['an unknown path with a body', '/nowhere', { method: 'POST', body: '{}' }, 404, 'not_found'],
    ['another method than the path has', '/auth/login', {}, 404, 'not_found'],
    ['no token', '/account/me', {}, 401, 'unauthenticated'],
    [
      'a wrong token',
      '/account/me',
      { headers: { authorization: 'Bearer x.y.z' } },
      401,
      'unauthenticated',
    ],
    ['JSON that is none', '/auth/login', { method: 'POST', body: '{"email"' }, 400, 'bad_request'],
    [
      'a body of another type',
      '/auth/login',
      { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } },
      400,
      'bad_request',
    ],
    [
      'a body above 64 KiB',
      '/auth/login',
      { method: 'POST', body: 'x'.repeat(65_537) },
      413,
      'payload_too_large',
    ],
    [
      'a page of another origin',
      '/health',
      { headers: { origin: 'https://evil.example' } },
      403,
      'forbidden',
    ],
  ] as [string, string, RequestInit, number, string][])(
    '%s',
    async (_, path, init, status, code) => {
      const headers = { 'content-type': 'application/json', ...(init.headers as object) }
      const answer = await call(path, init.method ? { ...init, headers } : init)
      expect(answer).toMatchObject({ status, body: { error: { code } } })
      expect(Object.keys(answer.body)).toEqual(['error'])
      expect(apiErrorCodeSchema.safeParse(code).success).toBe(true)
      expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|at .*\(/)
    },
  )

  test.each(['/auth/login', '/trpc/auth.login'])(
    'a body above 64 KiB that does not announce its size is cut off as well: %s',
    async (path) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let i = 0; i < 5; i++) controller.enqueue(new Uint8Array(16_384))
          controller.close()
        },
      })
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', body, duplex: 'half', headers } as RequestInit
      expect((await call(path, init)).status).toBe(413)
    },
  )

  test('tRPC carries the same error, and no stack', async () => {
    const { status, body } = await call('/trpc/account.me')
    expect(status).toBe(401)
    expect(body).toMatchObject({
      error: { data: { code: 'UNAUTHORIZED', error: { code: 'unauthenticated' } } },
    })
    expect(JSON.stringify(body)).not.toContain('stack')
  })
})

describe('browsers', () => {
  test('a page of a listed origin may call, with its preflight; of the server’s own, too', async () => {
    const preflight = await call('/auth/login', { method: 'OPTIONS', headers: { origin: friend } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(friend)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    expect((await call('/health', { headers: { origin: app.url } })).status).toBe(200)
  })

  test('the API page describes every path, is self-contained, and runs nothing', async () => {
    expect((await call('/')).headers.get('location')).toBe('/docs')
    const { body, headers } = await call('/docs')
    const html = String(body['text'])
    const document = (await call('/openapi.json')).body as { paths: Record<string, unknown> }
    const paths = Object.keys(document.paths)
    expect(paths).toEqual(
      expect.arrayContaining(['/auth/register', '/account/me', '/billing/balance', '/health']),
    )
    for (const path of [...paths, TRANSCRIBE_PATH]) expect(html).toContain(path)
    for (const type of ['auth', 'finalize', 'ready', 'transcript', 'session_end']) {
      expect(html).toContain(`<h3>${type}</h3>`)
    }
    expect(html).not.toMatch(/<script|https?:\/\/|src=/)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('the OpenAPI document describes the errors that are sent', async () => {
    const { body } = await call('/openapi.json')
    const paths = body['paths'] as Record<string, { post?: { responses: object } }>
    expect(paths['/auth/login']?.post?.responses).toMatchObject({
      401: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    })
  })
})

/** What the server sends back to these very bytes, until it hangs up. */
async function exchange(request: string): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.write(request)
  let answer = ''
  for await (const chunk of socket as AsyncIterable<Buffer>) answer += chunk.toString()
  return answer
}

describe('names of the server', () => {
  const health = async (host: string): Promise<string> =>
    exchange(
      `GET /health HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nConnection: close\r\n\r\n`,
    )

  test('on its own machine only, it answers no page of another name that leads to it', async () => {
    expect(await health('evil.example:3000')).toMatch(/^HTTP\/1.1 403 [^]*"code":"forbidden"/)
    expect(await health('localhost.evil.example')).toMatch(/^HTTP\/1.1 403 /)
  })

  test.each(['localhost:3000', '127.0.0.1', '[::1]:3000', new URL(friend).host])(
    'it answers to %s',
    async (host) => {
      const answer = await exchange(
        `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1.1 200 /)
    },
  )
})

describe('upgrades', () => {
  test('an offer of another protocol is declined: the request is answered as plain HTTP', async () => {
    const offer = 'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n'
    const body = JSON.stringify({ email: newEmail(), password: 'correct horse' })
    const requests = [
      `GET /health HTTP/1.1\r\n${offer}HTTP2-Settings: AAMAAABk\r\n\r\n`,
      `POST /auth/register HTTP/1.1\r\n${offer}Content-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    ]
    const next = 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    for (const request of requests) {
      const answer = await exchange(request + next)
      expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
    }
  })

  test('an offer with so many headers that some are lost is refused: its body is no request', async () => {
    const filler = Array.from({ length: 70 }, (_, i) => `x-${i}: y\r\n`).join('')
    const body = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const answer = await exchange(
      `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n` +
        `${filler}Content-Length: ${body.length}\r\n\r\n${body}`,
    )
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400'])
  })

  test('a peer that is refused and does not hang up is cut off', async () => {
    const socket = connect({ port: Number(new URL(app.url).port), allowHalfOpen: true })
    socket.write(
      'GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    )
    socket.resume()
    socket.on('error', () => undefined)
    // Our side stays open: only a reset ends it.
    const writing = setInterval(() => socket.write('x'), 100)
    await expect.poll(() => socket.destroyed, { timeout: 10_000 }).toBe(true)
    clearInterval(writing)
  })

  const refusal = async (
    path: string,
    headers: Record<string, string> = {},
  ): Promise<number | undefined> => {
    const socket = new WebSocket(app.url.replace('http', 'ws') + path, { headers })
    socket.on('error', () => undefined)
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode?: number },
    ]
    socket.terminate()
    return response.statusCode
  }

  test('only the two WebSocket paths upgrade, and only for allowed origins', async () => {
    expect(await refusal('/elsewhere')).toBe(404)
    for (const path of ['/trpc', TRANSCRIBE_PATH]) {
      expect(await refusal(path, { origin: 'https://evil.example' })).toBe(403)
    }
  })

  test('a socket that breaks during the upgrade does not end the server', async () => {
    const { port } = new URL(app.url)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    )
    socket.resetAndDestroy()
    expect((await call('/health')).status).toBe(200)
  })
})

test('an access token of one account opens no other', async () => {
  const [one, other] = await Promise.all([register(), register()])
  const ids = await Promise.all(
    [one, other].map(
      async ({ access_token }) => (await get('/account/me', access_token)).body['id'],
    ),
  )
  expect(new Set(ids).size).toBe(2)
})
