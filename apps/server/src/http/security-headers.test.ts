import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { createOpenApiDocument } from './openapi-document.ts'

let database: TestDatabase
let folder: string
let plain: TestApp
let overTls: TestApp

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-headers-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html>')
  await writeFile(join(folder, 'assets', 'a.js'), 'export {}')
  database = await createTestDatabase()
  plain = await startTestApp(database.url, { dashboardDir: folder })
  overTls = await startTestApp(database.url, {
    dashboardDir: folder,
    publicUrl: 'https://saywire.example.org',
  })
})
afterAll(async () => {
  await plain.close()
  await overTls.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Every path of the API by its method, every page, every kind of refusal. */
const routes: [method: string, path: string, headers?: Record<string, string>][] = [
  ...Object.entries(createOpenApiDocument().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
  ),
  ['GET', '/'],
  ['GET', '/login'],
  ['GET', '/assets/a.js'],
  ['GET', '/docs'],
  ['HEAD', '/docs'],
  ['GET', '/openapi.json'],
  ['GET', '/trpc/web.session'],
  ['GET', '/trpc/web.session,billing.packages?batch=1'],
  ['GET', '/trpc/account.me'],
  ['GET', '/trpc/web.session', { 'trpc-accept': 'application/jsonl' }],
  ['GET', '/trpc/nowhere'],
  ['POST', '/webhooks/stripe'],
  ['GET', '/nowhere'],
  ['PUT', '/auth/login'],
  ['OPTIONS', '/auth/login'],
  ['GET', '/ready'],
  ['GET', '/metrics'],
  ['GET', '/metrics', { authorization: 'Bearer wrong' }],
  ['GET', '/trpc/admin.users'],
  ['GET', '/health', { origin: 'https://evil.example' }],
  ['GET', '/%00'],
  ['GET', '/health?__proto__=x'],
]

const TLS = 'strict-transport-security'
const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

function check(headers: Headers): void {
  for (const [name, value] of Object.entries(EVERYWHERE)) {
    expect([name, headers.get(name)]).toEqual([name, value])
  }
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toMatch(/default-src '(none|self)'/)
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(headers.get('permissions-policy')).toMatch(/camera=\(\).*microphone=\(\)/)
  expect(headers.get('cache-control')).toMatch(/no-store|no-cache|immutable/)
  expect(headers.get('x-powered-by') ?? headers.get('server')).toBeNull()
}

test.each(routes)('%s %s has every security header', async (method, path, headers = {}) => {
  const response = await fetch(plain.url + path, { method, headers, redirect: 'manual' })
  check(response.headers)
  expect(response.headers.get(TLS)).toBeNull()
})

test.each(routes)(
  '%s %s tells browsers to stay on TLS where it is served over it',
  async (method, path, headers = {}) => {
    const response = await fetch(overTls.url + path, { method, headers, redirect: 'manual' })
    check(response.headers)
    expect(response.headers.get(TLS)).toBe('max-age=31536000')
  },
)

test('a page that has not changed keeps them', async () => {
  const etag = (await fetch(plain.url)).headers.get('etag') ?? ''
  const again = await fetch(plain.url, { headers: { 'if-none-match': etag } })
  expect(again.status).toBe(304)
  check(again.headers)
})

test('a WebSocket that is refused has them, too', async () => {
  const socket = connect(Number(new URL(plain.url).port), '127.0.0.1')
  socket.write(
    'GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  )
  let answer = ''
  for await (const chunk of socket as AsyncIterable<Buffer>) answer += chunk.toString()
  const [head = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1.1 404 /)
  const lines = head.split('\r\n').slice(1)
  check(new Headers(lines.map((line) => line.split(': ', 2) as [string, string])))
})
