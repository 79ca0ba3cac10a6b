import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerUser } from '../testing/register-user.ts'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

async function ask(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}${path}`)
  return [response.status, await response.json()]
}

test('a server that ends says so first, and works as before until that was noticed', async () => {
  const app = await startTestApp(database.url, { operations: { drainNoticeMs: 1500 } })
  const { token } = await registerUser(app.url, 'notice@example.org')
  const before = await connectTranscribe(app.url, { token })
  const closed = app.close()
  expect(await ask(app.url, '/ready')).toEqual([
    503,
    { status: 'draining', database: 'connected', speech: 'ok' },
  ])
  expect(await ask(app.url, '/health')).toEqual([200, { status: 'draining', db: 'connected' }])
  // Whoever was sent here meanwhile is served, and goes with the others.
  const during = await connectTranscribe(app.url, { token })
  expect(before.messages.map(({ type }) => type)).not.toContain('error')
  await closed
  expect([await before.closed, await during.closed]).toEqual([1012, 1012])
  await expect(fetch(`${app.url}/health`)).rejects.toThrow('fetch failed')
})

test('without a notice sessions are told at once, and /ready still answers meanwhile', async () => {
  const app = await startTestApp(database.url)
  const { token } = await registerUser(app.url, 'at-once@example.org')
  const client = await connectTranscribe(app.url, { token })
  const closed = app.close()
  expect(await ask(app.url, '/ready')).toMatchObject([503, { status: 'draining' }])
  expect(await client.closed).toBe(1012)
  await closed
})
