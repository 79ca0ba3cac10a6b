import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApp } from './testing/test-app.ts'
import type { TestDatabase } from './testing/test-database.ts'
import { createTestDatabase } from './testing/test-database.ts'
import { createTestServices } from './testing/test-services.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

test('a server that has the database to itself settles, at its start, what a crash left open', async () => {
  const { accounts, newLeases } = createTestServices(database, { startingCreditMinutes: 1 })
  const { user } = await accounts.register({ email: 'a@example.org', password: 'correct horse' })
  const opening = { mode: 'managed', backend: 'whisper', model: null, language: null } as const
  await newLeases().open({ userId: user.id, ...opening })
  const app = await startTestApp(database.url)
  const rows = await database.query('SELECT status, end_reason FROM transcription_sessions')
  expect(rows).toEqual([{ status: 'terminated', end_reason: 'lease_lost' }])
  expect(await database.query('SELECT available_ms FROM credit_balance')).toEqual([
    { available_ms: '60000' },
  ])
  await app.close()
})

test('closing twice is closing once, and the port is free afterwards', async () => {
  const app = await startTestApp(database.url)
  await Promise.all([app.close(), app.close()])
  await expect(fetch(`${app.url}/health`)).rejects.toThrow('fetch failed')
})
