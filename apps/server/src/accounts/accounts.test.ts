import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { AppError } from '../app-error.ts'
import { LOGIN_LIFETIME_MS } from './login-lifetime.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { createPasswordHasher } from './password-hasher.ts'

let database: TestDatabase
let services: TestServices
let count = 0

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database, { startingCreditMinutes: 60 })
})
afterAll(async () => database.drop())

const password = 'correct horse'
const newEmail = (): string => `user${count++}@example.org`
const unauthenticated = { code: 'unauthenticated' }

test('an account begins with its starting credit, booked in the ledger', async () => {
  const { user } = await services.accounts.register({ email: newEmail(), password })
  expect(await services.accounts.find(user.id)).toMatchObject({ unspentMs: 3_600_000 })
  const entries = await database.query('SELECT * FROM usage_ledger WHERE user_id = $1', [user.id])
  expect(entries).toMatchObject([
    { kind: 'starting_credit', delta_ms: '3600000', ref: `starting:${user.id}` },
  ])
  expect(await unbalancedUsers(database)).toEqual([])
})

test('one e-mail address gets one account, also when two registrations race', async () => {
  const email = newEmail()
  const race = [1, 2].map(async () => services.accounts.register({ email, password }))
  const results = await Promise.allSettled(race)
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'email_taken' },
  })
  const rows = await database.query(
    'SELECT (SELECT count(*)::int FROM users WHERE email = $1) AS users, count(*)::int AS gifts FROM usage_ledger JOIN users u ON u.id = user_id WHERE u.email = $1',
    [email],
  )
  expect(rows).toEqual([{ users: 1, gifts: 1 }])
})

test('a wrong password and an unknown e-mail address get the very same answer', async () => {
  const email = newEmail()
  await services.accounts.register({ email, password })
  const answers = await Promise.allSettled([
    services.accounts.login({ email, password: 'wrong horse' }),
    services.accounts.login({ email: newEmail(), password }),
  ])
  const [wrong, unknown] = answers.map((answer) => {
    const { code, message } = (answer as PromiseRejectedResult).reason as AppError
    return { code, message }
  })
  expect(wrong?.code).toBe('invalid_credentials')
  expect(unknown).toEqual(wrong)
})

test('who has an account is not told by the work that an answer takes', async () => {
  const passwords = createPasswordHasher()
  let work: string[] = []
  const counted: PasswordHasher = {
    async hash(text) {
      work.push('hash')
      return passwords.hash(text)
    },
    async matches(text, hash) {
      work.push('compare')
      return passwords.matches(text, hash)
    },
  }
  const { accounts } = createTestServices(database, { passwords: counted })
  const known = newEmail()
  await accounts.register({ email: known, password })
  async function workOf(call: () => Promise<unknown>): Promise<string[]> {
    work = []
    await call().catch(() => undefined)
    return work
  }
  const login = async (email: string) =>
    workOf(async () => accounts.login({ email, password: 'wrong horse' }))
  expect(await login(known)).toEqual(['compare'])
  expect(await login(newEmail())).toEqual(['compare'])
  const register = async (email: string) =>
    workOf(async () => accounts.register({ email, password }))
  expect(await register(known)).toEqual(['hash'])
  expect(await register(newEmail())).toEqual(['hash'])
})

test('the database holds neither passwords nor tokens', async () => {
  const login = await services.accounts.register({ email: newEmail(), password })
  const tables = ['users', 'refresh_tokens']
  const dumps = await Promise.all(
    tables.map(async (table) => database.query(`SELECT * FROM ${table}`)),
  )
  const text = JSON.stringify(dumps)
  expect(text).toContain(login.user.email)
  expect(text).not.toContain(password)
  expect(text).not.toContain(login.refreshToken)
})

test('a refresh token works once and gives its successor', async () => {
  const first = await services.accounts.register({ email: newEmail(), password })
  const second = await services.accounts.refresh(first.refreshToken)
  expect(second.user).toEqual(first.user)
  expect(second.refreshToken).not.toBe(first.refreshToken)
  await services.accounts.refresh(second.refreshToken)
})

test('a used token that comes again ends the login on that device, and on no other', async () => {
  const email = newEmail()
  const stolen = await services.accounts.register({ email, password, deviceName: 'PC' })
  const other = await services.accounts.login({ email, password, deviceName: 'laptop' })
  const successor = await services.accounts.refresh(stolen.refreshToken)
  await expect(services.accounts.refresh(stolen.refreshToken)).rejects.toMatchObject(
    unauthenticated,
  )
  await expect(services.accounts.refresh(successor.refreshToken)).rejects.toMatchObject(
    unauthenticated,
  )
  await services.accounts.refresh(other.refreshToken)
})

test('of simultaneous uses of one token at most one wins, and the family ends', async () => {
  for (let round = 0; round < 5; round++) {
    const { refreshToken } = await services.accounts.register({ email: newEmail(), password })
    const uses = [1, 2, 3, 4].map(async () => services.accounts.refresh(refreshToken))
    const results = await Promise.allSettled(uses)
    const won = results.filter((result) => result.status === 'fulfilled')
    expect(won).toHaveLength(1)
    const [winner] = won
    await expect(services.accounts.refresh(winner?.value.refreshToken ?? '')).rejects.toMatchObject(
      unauthenticated,
    )
  }
})

test.each(['reuse', 'logout'] as const)(
  'a login that ends by %s while its newest token is being used does not live on in the successor',
  async (ending) => {
    const { accounts } = services
    const email = newEmail()
    await accounts.register({ email, password })
    for (let round = 0; round < 30; round++) {
      const { refreshToken: used } = await accounts.login({ email, password })
      const { refreshToken: newest } = await accounts.refresh(used)
      const [successor] = await Promise.allSettled([
        accounts.refresh(newest),
        ending === 'reuse' ? accounts.refresh(used) : accounts.logout(used),
      ])
      const survivor = successor.status === 'fulfilled' ? successor.value.refreshToken : newest
      await expect(accounts.refresh(survivor)).rejects.toMatchObject(unauthenticated)
    }
  },
  60_000,
)

test('logout ends the login of its device, also with a token that was used', async () => {
  const first = await services.accounts.register({ email: newEmail(), password })
  const second = await services.accounts.refresh(first.refreshToken)
  await services.accounts.logout(first.refreshToken)
  await expect(services.accounts.refresh(second.refreshToken)).rejects.toMatchObject(
    unauthenticated,
  )
  await services.accounts.logout('unknown')
})

test('a refresh token ends after 30 days, and the next login sweeps it out', async () => {
  const later = createTestServices(database)
  const email = newEmail()
  const { refreshToken, user } = await later.accounts.register({ email, password })
  later.advance(LOGIN_LIFETIME_MS)
  await expect(later.accounts.refresh(refreshToken)).rejects.toMatchObject(unauthenticated)
  await later.accounts.login({ email, password })
  const rows = await database.query('SELECT 1 FROM refresh_tokens WHERE user_id = $1', [user.id])
  expect(rows).toHaveLength(1)
})
