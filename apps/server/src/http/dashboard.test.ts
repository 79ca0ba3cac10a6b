import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let parent: string
let app: TestApp
let bare: TestApp

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'saywire dashboard '))
  const dashboardDir = join(parent, 'dist')
  await mkdir(join(dashboardDir, 'assets'), { recursive: true })
  await writeFile(join(dashboardDir, 'index.html'), '<!doctype html><title>Saywire</title>')
  await writeFile(join(dashboardDir, 'assets', 'index-4f2a.js'), 'export {}')
  await writeFile(join(parent, 'secret.txt'), 'hunter2')
  await symlink(join(parent, 'secret.txt'), join(dashboardDir, 'assets', 'link.txt'))
  await symlink(parent, join(dashboardDir, 'assets', 'up'))
  database = await createTestDatabase()
  app = await startTestApp(database.url, { dashboardDir })
  bare = await startTestApp(database.url, { dashboardDir: join(parent, 'not-built') })
})
afterAll(async () => {
  await app.close()
  await bare.close()
  await database.drop()
  await rm(parent, { recursive: true, force: true })
})

const pages = [
  '/',
  '/login',
  '/register',
  '/dashboard',
  '/account',
  '/billing/success?session_id=cs_1',
  '/billing/cancel',
]

test.each(pages)('%s is the dashboard, asked for anew every time', async (path) => {
  const response = await fetch(app.url + path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(await response.text()).toContain('<title>Saywire</title>')
})

test('a page runs no script but the server’s own, and nobody frames it', async () => {
  const policy = (await fetch(app.url)).headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
})

test('a page that has not changed is not sent again, and the browser’s copy stays as it is', async () => {
  const first = await fetch(app.url)
  const etag = first.headers.get('etag') ?? ''
  const again = await fetch(app.url, { headers: { 'if-none-match': etag } })
  expect(again.status).toBe(304)
  for (const name of ['cache-control', 'content-security-policy']) {
    expect(again.headers.get(name)).toBe(first.headers.get(name))
  }
})

test('a build under a running server neither ends it nor mixes the versions', async () => {
  const dashboardDir = join(parent, 'rebuilt')
  await mkdir(join(dashboardDir, 'assets'), { recursive: true })
  await writeFile(join(dashboardDir, 'index.html'), 'the old page')
  await writeFile(join(dashboardDir, 'assets', 'old.js'), 'export const old = 1')
  const server = await startTestApp(database.url, { dashboardDir })
  await rm(join(dashboardDir, 'assets', 'old.js'))
  await writeFile(join(dashboardDir, 'index.html'), 'new')
  expect(await (await fetch(`${server.url}/assets/old.js`)).text()).toBe('export const old = 1')
  expect(await (await fetch(server.url)).text()).toBe('the old page')
  await server.close()
})

test.each(['bytes=9-2', 'bytes=-5', 'bytes=999999-', 'nonsense'])(
  'whatever range is asked for (%s), the whole page is the answer',
  async (range) => {
    const signal = AbortSignal.timeout(5000)
    const response = await fetch(app.url, { headers: { range }, signal })
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining('Saywire'),
    ])
  },
)

test('assets, whose names change with their content, are kept for ever', async () => {
  const response = await fetch(`${app.url}/assets/index-4f2a.js`)
  expect(response.headers.get('content-type')).toContain('javascript')
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
})

test.each(['/assets/index-old.js', '/nowhere', '/account/nowhere', '/billing/success/x'])(
  '%s is not the dashboard: it is not found',
  async (path) => {
    const response = await fetch(app.url + path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
    expect(response.headers.get('cache-control')).toBe('no-store')
  },
)

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/%252e%252e%252fsecret.txt',
  '/assets/%c0%ae%c0%ae/secret.txt',
  '/assets/..\\..\\secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/assets/index-4f2a.js%00.txt',
  '/assets/....//....//secret.txt',
  '/assets/link.txt',
  '/assets/up/secret.txt',
])('%s does not lead out of its folder', async (path) => {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of socket as AsyncIterable<Buffer>) answer += chunk.toString()
  expect(answer).toMatch(/^HTTP\/1.1 404 /)
  expect(answer).not.toContain('hunter2')
})

test('the API keeps its paths', async () => {
  expect((await fetch(`${app.url}/account/me`)).status).toBe(401)
  expect((await fetch(`${app.url}/docs`)).status).toBe(200)
  expect((await fetch(`${app.url}/health`)).status).toBe(200)
})

test.each(pages)('%s leads to the API’s page where the dashboard is not built', async (path) => {
  const response = await fetch(bare.url + path, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([302, '/docs'])
})
