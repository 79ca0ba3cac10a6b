import { createTRPCClient, createWSClient, httpBatchLink, wsLink } from '@trpc/client'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from '../api/router.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import { createTestBrowser } from '../testing/test-browser.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { createAuthRateLimit } from './auth-rate-limit.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

type Options = NonNullable<Parameters<typeof startTestApp>[1]>
async function start(options: Options = {}): Promise<TestApp> {
  const app = await startTestApp(database.url, { authRatePerMinute: 10, ...options })
  onTestFinished(app.close)
  return app
}

/** Cheap, and an attempt all the same. */
async function attempt(
  app: TestApp,
  path = '/auth/refresh',
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(app.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ refresh_token: 'unknown' }),
  })
}

async function statuses(count: number, one: (i: number) => Promise<Response>): Promise<number[]> {
  const answers: number[] = []
  for (let i = 0; i < count; i++) answers.push((await one(i)).status)
  return answers
}
const tenThen = (status: number): number[] => [...Array.from({ length: 10 }, () => 401), status]

test('the eleventh attempt of a minute is told when to come again, over REST', async () => {
  const app = await start()
  expect(await statuses(10, async () => attempt(app))).toEqual(tenThen(0).slice(0, 10))
  const answer = await attempt(app)
  expect(answer.status).toBe(429)
  const waitS = Number(answer.headers.get('retry-after'))
  expect(waitS).toBeGreaterThan(0)
  expect(waitS).toBeLessThanOrEqual(60)
  expect(await answer.json()).toMatchObject({
    error: { code: 'rate_limited', retry_after_ms: waitS * 1000 },
  })
  expect((await fetch(`${app.url}/health`)).status).toBe(200)
})

test('all ways to guess share one count: both APIs, the WebSocket, and a batch', async () => {
  const app = await start({ authRatePerMinute: 7 })
  const url = `${app.url}/trpc`
  const login = { email: 'nobody@example.org', password: 'wrong horse' }
  const batch = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url })] })
  const client = createWSClient({
    url: url.replace('http', 'ws'),
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  onTestFinished(async () => client.close())
  const socket = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  const browser = createTestBrowser(app.url)
  const register = await browser.call('web.register', { ...login, email: 'rate@example.org' })
  expect(register.status).toBe(200)
  await attempt(app)
  await attempt(app, '/auth/logout')
  const wrong = { current_password: 'wrong horse!', new_password: 'battery staple' }
  const csrf = { 'x-csrf-token': String(register.data['csrf_token']) }
  expect(await browser.call('account.changePassword', wrong, csrf)).toMatchObject({ status: 401 })
  const tries = [
    batch.auth.login.mutate(login),
    batch.auth.login.mutate(login),
    batch.auth.login.mutate(login),
    batch.auth.login.mutate(login),
  ]
  const codes = (await Promise.allSettled(tries)).map(
    (result) =>
      (result as { reason: { data: { error: { code: string } } } }).reason.data.error.code,
  )
  expect(codes.toSorted()).toEqual([
    ...Array.from({ length: 3 }, () => 'invalid_credentials'),
    'rate_limited',
  ])
  await expect(socket.auth.login.mutate(login)).rejects.toMatchObject({
    data: { error: { code: 'rate_limited', retry_after_ms: expect.any(Number) as number } },
  })
  const refused = await browser.call('web.login', login)
  expect(refused).toMatchObject({ status: 429, error: { code: 'rate_limited' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await browser.call('account.changePassword', wrong, csrf)).toMatchObject({ status: 429 })
  expect((await browser.call('account.me')).status).toBe(200)
})

test('a client cannot get a count of its own by claiming other addresses', async () => {
  const app = await start()
  const claim = async (i: number): Promise<Response> =>
    attempt(app, '/auth/refresh', { 'x-forwarded-for': `198.51.100.${i}`, forwarded: `for=${i}` })
  expect(await statuses(11, claim)).toEqual(tenThen(429))
})

test('behind a trusted proxy each client has its own count', async () => {
  const app = await start({ trustProxy: 1 })
  const from = (address: string) => async () =>
    attempt(app, '/auth/refresh', { 'x-forwarded-for': `6.6.6.6, ${address}` })
  expect(await statuses(11, from('198.51.100.1'))).toEqual(tenThen(429))
  expect(await statuses(1, from('198.51.100.2'))).toEqual([401])
})

test('two servers on one database share the count, without losing any', async () => {
  const shared = { isDatabaseOwned: false, trustProxy: 1 }
  const apps = [await start(shared), await start(shared)]
  const answers = await Promise.all(
    Array.from({ length: 30 }, async (_, i) =>
      attempt(apps[i % 2] as TestApp, '/auth/refresh', { 'x-forwarded-for': '198.51.100.7' }),
    ),
  )
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
})

test('a database that is away does not lift the limit', async () => {
  const pool = new pg.Pool({ connectionString: 'postgresql://x@127.0.0.1:1/x' })
  onTestFinished(async () => pool.end())
  const limit = createAuthRateLimit({ pool, perMinute: 2 })
  await limit.countAttempt('203.0.113.1')
  await limit.countAttempt('203.0.113.1')
  await expect(limit.countAttempt('203.0.113.1')).rejects.toMatchObject({ code: 'rate_limited' })
  await limit.countAttempt('203.0.113.2')
})
