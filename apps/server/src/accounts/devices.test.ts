import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import { LOGIN_LIFETIME_MS } from './login-lifetime.ts'

let database: TestDatabase
let services: TestServices
let count = 0
const password = 'correct horse'
const newEmail = (): string => `user${count++}@example.org`
const unauthenticated = { code: 'unauthenticated' }
const DAY_MS = 24 * 60 * 60_000

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
})
afterAll(async () => database.drop())

describe('the devices', () => {
  test('are the logins of programs and browsers, the newest first', async () => {
    const { accounts, devices, advance } = services
    const email = newEmail()
    const { user } = await accounts.register({ email, password, deviceName: 'PC' })
    advance(1000)
    await accounts.loginWeb({ email, password, deviceName: 'Firefox on Windows' })
    advance(1000)
    await accounts.login({ email, password })
    expect(await devices.list(user.id)).toMatchObject([
      { name: null, kind: 'app' },
      { name: 'Firefox on Windows', kind: 'web' },
      { name: 'PC', kind: 'app' },
    ])
  })

  test('of a program stay one device with its first day, however often its token is renewed', async () => {
    const { accounts, devices, advance } = createTestServices(database)
    let { refreshToken, user } = await accounts.register({ email: newEmail(), password })
    const [before] = await devices.list(user.id)
    // Beyond a token's life, so that the first ones are swept out.
    for (let days = 0; days < 40; days += 20) {
      advance(20 * DAY_MS)
      ;({ refreshToken, user } = await accounts.refresh(refreshToken))
    }
    const after = await devices.list(user.id)
    expect(after).toHaveLength(1)
    expect(after[0]).toMatchObject({ id: before?.id, createdAt: before?.createdAt })
    const seenMs = after[0]?.lastSeenAt.getTime() ?? 0
    expect(seenMs - (before?.lastSeenAt.getTime() ?? 0)).toBe(40 * DAY_MS)
  })

  test('that are still logged in are told of several at once, renewed tokens or not', async () => {
    const { accounts, devices, advance } = createTestServices(database)
    const email = newEmail()
    const { user, refreshToken } = await accounts.register({ email, password })
    await accounts.loginWeb({ email, password })
    await accounts.refresh(refreshToken)
    const [web, app] = (await devices.list(user.id)).map(({ id }) => id)
    if (!web || !app) throw new Error('two devices are logged in')
    expect([...(await devices.findEnded([web, app, 'unknown'])).keys()]).toEqual(['unknown'])
    await devices.end(user.id, app)
    expect([...(await devices.findEnded([web, app]))]).toEqual([[app, 'unauthenticated']])
    advance(LOGIN_LIFETIME_MS)
    expect([...(await devices.findEnded([web]))]).toEqual([[web, 'unauthenticated']])
  })

  test('do not show a login that has expired', async () => {
    const { accounts, devices, advance } = createTestServices(database)
    const { user } = await accounts.register({ email: newEmail(), password })
    advance(LOGIN_LIFETIME_MS)
    expect(await devices.list(user.id)).toEqual([])
  })
})

describe('signing out', () => {
  test('one device ends its login at once, and no other', async () => {
    const { accounts, devices } = services
    const email = newEmail()
    const pc = await accounts.register({ email, password, deviceName: 'PC' })
    const web = await accounts.loginWeb({ email, password, deviceName: 'Firefox' })
    const list = await devices.list(pc.user.id)
    const idOf = (name: string): string => list.find((device) => device.name === name)?.id ?? ''
    await devices.end(pc.user.id, idOf('PC'))
    await expect(accounts.refresh(pc.refreshToken)).rejects.toMatchObject(unauthenticated)
    expect(await services.webLogins.find(web.token)).toBeDefined()
    await devices.end(pc.user.id, idOf('Firefox'))
    expect(await services.webLogins.find(web.token)).toBeUndefined()
  })

  test('a device of somebody else, or none, is not found, and goes on', async () => {
    const { accounts, devices } = services
    const mine = await accounts.register({ email: newEmail(), password })
    const other = await accounts.register({ email: newEmail(), password })
    const [device] = await devices.list(other.user.id)
    const notFound = { code: 'not_found' }
    await expect(devices.end(mine.user.id, device?.id ?? '')).rejects.toMatchObject(notFound)
    await expect(devices.end(mine.user.id, 'fam_unknown')).rejects.toMatchObject(notFound)
    await accounts.refresh(other.refreshToken)
  })

  test('everywhere ends all logins, also one whose token is being renewed', async () => {
    const { accounts, devices } = services
    const email = newEmail()
    const { user } = await accounts.register({ email, password })
    for (let round = 0; round < 20; round++) {
      const app = await accounts.login({ email, password })
      const web = await accounts.loginWeb({ email, password })
      const [renewed] = await Promise.allSettled([
        accounts.refresh(app.refreshToken),
        devices.endAll(user.id),
      ])
      const last = renewed.status === 'fulfilled' ? renewed.value.refreshToken : app.refreshToken
      await expect(accounts.refresh(last)).rejects.toMatchObject(unauthenticated)
      expect(await services.webLogins.find(web.token)).toBeUndefined()
      expect(await devices.list(user.id)).toEqual([])
    }
  }, 60_000)
})

describe('a change of the password', () => {
  const newPassword = 'battery staple'

  test('ends every login but the one that asks for it', async () => {
    const { accounts, webLogins } = services
    const email = newEmail()
    const pc = await accounts.register({ email, password })
    const [mine, other] = [
      await accounts.loginWeb({ email, password }),
      await accounts.loginWeb({ email, password }),
    ]
    const userId = pc.user.id
    const { loginId } = (await webLogins.find(mine.token)) ?? {}
    await accounts.changePassword({ userId, loginId, currentPassword: password, newPassword })
    expect(await webLogins.find(mine.token)).toBeDefined()
    expect(await webLogins.find(other.token)).toBeUndefined()
    await expect(accounts.refresh(pc.refreshToken)).rejects.toMatchObject(unauthenticated)
    await expect(accounts.login({ email, password })).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    await accounts.login({ email, password: newPassword })
  })

  test('wants the current one, and changes nothing without', async () => {
    const { accounts } = services
    const email = newEmail()
    const { user, refreshToken } = await accounts.register({ email, password })
    const change = { userId: user.id, loginId: undefined, newPassword }
    const wrong = accounts.changePassword({ ...change, currentPassword: 'wrong horse' })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_credentials' })
    await accounts.refresh(refreshToken)
    await accounts.login({ email, password })
  })

  test('leaves no login behind that was opened with the old one meanwhile', async () => {
    const { accounts, devices } = services
    const email = newEmail()
    const { user } = await accounts.register({ email, password: 'password 0' })
    for (let round = 0; round < 10; round++) {
      const currentPassword = `password ${round}`
      await Promise.allSettled([
        accounts.login({ email, password: currentPassword }),
        accounts.changePassword({
          userId: user.id,
          loginId: undefined,
          currentPassword,
          newPassword: `password ${round + 1}`,
        }),
        accounts.loginWeb({ email, password: currentPassword }),
      ])
      expect(await devices.list(user.id)).toEqual([])
    }
  }, 60_000)
})
