import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { LOGIN_LIFETIME_MS } from './login-lifetime.ts'

let database: TestDatabase
let services: TestServices
let count = 0
const password = 'correct horse'
const newEmail = (): string => `web${count++}@example.org`
const MINUTE_MS = 60_000

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())

test('a login lasts 30 days from its last use, not from its beginning', async () => {
  const { webLogins, accounts, advance } = createTestServices(database)
  const { token, user } = await accounts.registerWeb({ email: newEmail(), password })
  for (let i = 0; i < 3; i++) {
    advance(LOGIN_LIFETIME_MS - MINUTE_MS)
    expect(await webLogins.find(token)).toMatchObject({ userId: user.id })
  }
  advance(LOGIN_LIFETIME_MS)
  expect(await webLogins.find(token)).toBeUndefined()
})

test('a use is written down at most once an hour', async () => {
  const { webLogins, accounts, devices, advance } = createTestServices(database)
  const { token, user } = await accounts.registerWeb({ email: newEmail(), password })
  const seenAt = async (): Promise<number | undefined> =>
    (await devices.list(user.id))[0]?.lastSeenAt.getTime()
  const first = (await seenAt()) ?? 0
  advance(59 * MINUTE_MS)
  await webLogins.find(token)
  expect(await seenAt()).toBe(first)
  advance(MINUTE_MS)
  await webLogins.find(token)
  expect(await seenAt()).toBe(first + 60 * MINUTE_MS)
})

test('the database holds no token of a browser', async () => {
  const { token } = await services.accounts.registerWeb({ email: newEmail(), password })
  const rows = await database.query("SELECT * FROM refresh_tokens WHERE kind = 'web'")
  expect(rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(rows)).not.toContain(token)
})

test('a CSRF token is of one login, and of one server’s secret', async () => {
  const { webLogins } = services
  const csrf = webLogins.csrfTokenOf('login')
  expect(webLogins.isCsrfTokenOf('login', csrf)).toBe(true)
  expect(webLogins.isCsrfTokenOf('another', csrf)).toBe(false)
  expect(webLogins.isCsrfTokenOf('login', '')).toBe(false)
  expect(webLogins.isCsrfTokenOf('login', `${csrf}x`)).toBe(false)
})
