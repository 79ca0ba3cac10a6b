import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionRows } from '../testing/session-rows.ts'
import { sessionRows } from '../testing/session-rows.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let app: TestApp
let rows: SessionRows
let caller: { readonly userId: string; readonly headers: Record<string, string> }

beforeAll(async () => {
  database = await createTestDatabase()
  app = await startTestApp(database.url)
  rows = sessionRows(database)
  const response = await fetch(`${app.url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'usage@example.org', password: 'correct horse' }),
  })
  const login = (await response.json()) as { access_token: string; user: { id: string } }
  caller = { userId: login.user.id, headers: { authorization: `Bearer ${login.access_token}` } }
  for (let i = 0; i < 12; i++) {
    await rows.addSession(caller.userId, { startedAt: new Date(Date.now() - i), usedMs: 1600 })
  }
})
afterAll(async () => {
  await app.close()
  await database.drop()
})

const get = async (path: string) => fetch(`${app.url}${path}`, { headers: caller.headers })

test('GET /account/usage has thirty days and the last ten sessions, and says where more are', async () => {
  const response = await get('/account/usage?time_zone=Asia/Tokyo')
  expect(response.status).toBe(200)
  const usage = (await response.json()) as {
    days: { used_ms: number }[]
    sessions: unknown[]
    next_cursor: string
  }
  expect(usage).toMatchObject({ time_zone: 'Asia/Tokyo' })
  expect(usage.days).toHaveLength(30)
  expect(usage.days.reduce((sum, day) => sum + day.used_ms, 0)).toBe(12 * 1600)
  expect(usage.sessions).toHaveLength(10)
  expect(usage.sessions[0]).toEqual({
    id: expect.stringMatching(/^ses_/) as string,
    started_at: expect.any(String) as string,
    ended_at: expect.any(String) as string,
    duration_ms: 3200,
    used_ms: 1600,
    seconds_used: 2,
    status: 'completed',
    end_reason: 'stopped',
    backend: 'whisper',
    model: null,
    language: null,
  })
  const more = await get(`/account/sessions?limit=5&cursor=${usage.next_cursor}`)
  expect(await more.json()).toMatchObject({ sessions: [{}, {}], next_cursor: null })
})

test('GET /account/usage.csv is a file of the caller’s sessions', async () => {
  const response = await get('/account/usage.csv')
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  expect(response.headers.get('content-disposition')).toBe(
    'attachment; filename="saywire-usage.csv"',
  )
  expect((await response.text()).split('\r\n')).toHaveLength(14)
})

test('a browser downloads the file with its cookie', async () => {
  const login = await fetch(`${app.url}/trpc/web.login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'usage@example.org', password: 'correct horse' }),
  })
  const [cookie = ''] = login.headers.get('set-cookie')?.split(';') ?? []
  const response = await fetch(`${app.url}/account/usage.csv`, { headers: { cookie } })
  expect((await response.text()).split('\r\n')).toHaveLength(14)
})

test.each(['/account/usage', '/account/sessions', '/account/usage.csv'])(
  '%s is for callers who are logged in',
  async (path) => {
    const response = await fetch(`${app.url}${path}`)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } })
  },
)

test.each([
  '/account/usage?time_zone=Mars/Olympus',
  '/account/sessions?limit=101',
  '/account/sessions?limit=0',
  '/account/sessions?cursor=made-up',
  '/account/sessions?cursor=%00',
])('%s is refused, with the reason', async (path) => {
  const response = await get(path)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 'bad_request' } })
})

test('a long export arrives whole', async () => {
  await database.query(
    `INSERT INTO transcription_sessions (id, user_id, mode, backend, started_at, ended_at, status)
     SELECT 'ses_' || i, $1, 'managed', 'whisper', now() - i * interval '1 s', now(), 'completed'
     FROM generate_series(1, 3000) i`,
    [caller.userId],
  )
  const lines = (await (await get('/account/usage.csv')).text()).split('\r\n')
  expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(3012 + 2)
})
