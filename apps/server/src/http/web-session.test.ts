import { once } from 'node:events'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from '../api/router.ts'
import { patient } from '../testing/patient.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { createTestBrowser } from '../testing/test-browser.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let app: TestApp
let count = 0
const password = 'correct horse'

beforeAll(async () => {
  database = await createTestDatabase()
  app = await startTestApp(database.url, { loginCheckMs: 200, trustProxy: ['loopback'] })
})
afterAll(async () => {
  await app.close()
  await database.drop()
})

interface Page {
  readonly browser: TestBrowser
  readonly email: string
  readonly csrf: { readonly 'x-csrf-token': string }
}

async function register(always: Record<string, string> = {}): Promise<Page> {
  const browser = createTestBrowser(app.url, always)
  const email = `web${count++}@example.org`
  const { data } = await browser.call('web.register', { email, password })
  return { browser, email, csrf: { 'x-csrf-token': String(data['csrf_token']) } }
}

const tokenOf = (page: Page): string => page.browser.cookie().split('=')[1] ?? ''

async function rest(path: string, init: RequestInit): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(init.headers as object) }
  return (await fetch(app.url + path, { ...init, headers })).status
}

describe('the cookie', () => {
  test('no script reads it, no other site makes the browser send it, and it lasts 30 days', async () => {
    const browser = createTestBrowser(app.url)
    const email = `web${count++}@example.org`
    const { headers } = await browser.call('web.register', { email, password })
    expect(headers.get('set-cookie')).toMatch(
      /^saywire_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    )
  })

  test('over TLS it is Secure and bound to this host; the other name does not count there', async () => {
    const tls = { 'x-forwarded-proto': 'https' }
    const { browser } = await register(tls)
    expect(browser.cookie()).toMatch(/^__Host-saywire_session=/)
    const again = await browser.call('web.session')
    expect(again.headers.get('set-cookie')).toMatch(/^__Host-.*; SameSite=Strict; Secure$/)
    const cookie = browser.cookie().replace('__Host-', '')
    expect(await rest('/account/me', { headers: { ...tls, cookie } })).toBe(401)
  })

  test('it logs in over tRPC and REST; the page learns who it is, and its days begin anew', async () => {
    const { browser, email, csrf } = await register()
    const session = await browser.call('web.session')
    expect(session.data).toMatchObject({ user: { email }, csrf_token: csrf['x-csrf-token'] })
    expect(session.headers.get('set-cookie')).toContain(browser.cookie())
    expect((await browser.call('account.me')).data).toMatchObject({ email })
    expect(await rest('/account/me', { headers: { cookie: browser.cookie() } })).toBe(200)
  })

  test('without a login, or with an unknown one, there is no session and no answer', async () => {
    const stranger = createTestBrowser(app.url, { cookie: 'saywire_session=made-up' })
    for (const browser of [createTestBrowser(app.url), stranger]) {
      expect(await browser.call('web.session')).toMatchObject({ status: 200, data: {} })
      expect(await browser.call('account.me')).toMatchObject({
        status: 401,
        error: { code: 'unauthenticated' },
      })
    }
  })

  test('an invalid access token is not made good by a cookie', async () => {
    const { browser } = await register()
    const answer = await browser.call('account.me', undefined, { authorization: 'Bearer x.y.z' })
    expect(answer.status).toBe(401)
  })

  test('logging out ends the login and takes the cookie away', async () => {
    const { browser, csrf } = await register()
    const cookie = browser.cookie()
    const { headers } = await browser.call('web.logout', {}, csrf)
    expect(headers.get('set-cookie')).toMatch(/^saywire_session=; .*Max-Age=0/)
    expect(await rest('/account/me', { headers: { cookie } })).toBe(401)
  })

  test('logging in again ends the login whose cookie is overwritten', async () => {
    const { browser, email } = await register()
    const before = browser.cookie()
    expect((await browser.call('web.login', { email, password })).status).toBe(200)
    expect(await rest('/account/me', { headers: { cookie: before } })).toBe(401)
    expect((await browser.call('account.devices')).data['devices']).toHaveLength(1)
  })

  test('a wrong password and an unknown e-mail address get the very same answer', async () => {
    const { browser, email } = await register()
    const wrong = await browser.call('web.login', { email, password: 'wrong horse' })
    const unknown = await browser.call('web.login', { email: 'nobody@example.org', password })
    expect(wrong).toMatchObject({ status: 401, error: { code: 'invalid_credentials' } })
    expect([unknown.status, unknown.error]).toEqual([wrong.status, wrong.error])
  })

  test('it is no refresh token, and a refresh token is no cookie', async () => {
    const page = await register()
    const body = JSON.stringify({ refresh_token: tokenOf(page) })
    expect(await rest('/auth/refresh', { method: 'POST', body })).toBe(401)
    expect(await rest('/auth/logout', { method: 'POST', body })).toBe(200)
    expect((await page.browser.call('account.me')).status).toBe(200)
    const login = await fetch(`${app.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: page.email, password }),
    })
    const { refresh_token: refreshToken } = (await login.json()) as { refresh_token: string }
    const cookie = `saywire_session=${refreshToken}`
    expect(await rest('/account/me', { headers: { cookie } })).toBe(401)
  })
})

describe('a change that is asked for by cookie', () => {
  test.each(['missing', 'wrong', 'of another login'])(
    'is refused where the CSRF token is %s, on both APIs',
    async (kind) => {
      const [page, other] = [await register(), await register()]
      const wrong = { 'x-csrf-token': 'x'.repeat(43) }
      const headers = kind === 'missing' ? {} : kind === 'wrong' ? wrong : other.csrf
      const refused = await page.browser.call('account.signOutAll', {}, headers)
      expect(refused).toMatchObject({ status: 403, error: { code: 'forbidden' } })
      const cookie = page.browser.cookie()
      const init = { method: 'POST', body: '{}', headers: { ...headers, cookie } }
      expect(await rest('/account/devices/sign-out-all', init)).toBe(403)
      expect((await page.browser.call('account.me')).status).toBe(200)
    },
  )

  test('is made with the CSRF token of its login, on both APIs', async () => {
    const { browser, csrf } = await register()
    const headers = { ...csrf, cookie: browser.cookie() }
    const unknown = { method: 'DELETE', headers }
    expect(await rest('/account/devices/fam_unknown', unknown)).toBe(404)
    const { data } = await browser.call('account.signOutAll', {}, csrf)
    expect(data).toEqual({ ended: 1 })
    expect(browser.cookie()).toBe('')
  })

  test.each([
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
  ])('is refused to %s, and so is a login', async (_, headers) => {
    const { browser, email, csrf } = await register()
    const logout = await fetch(`${app.url}/trpc/web.logout`, {
      method: 'POST',
      body: '{}',
      headers: {
        'content-type': 'application/json',
        cookie: browser.cookie(),
        ...csrf,
        ...headers,
      },
    })
    expect(logout.status).toBe(403)
    const login = JSON.stringify({ email, password })
    expect(await rest('/trpc/web.login', { method: 'POST', body: login, headers })).toBe(403)
  })

  test('is refused where only Sec-Fetch-Site tells that the page is another site’s', async () => {
    const { email } = await register()
    const body = JSON.stringify({ email, password })
    const from = (site: string) => ({ method: 'POST', body, headers: { 'sec-fetch-site': site } })
    expect(await rest('/trpc/web.login', from('cross-site'))).toBe(403)
    expect(await rest('/trpc/web.login', from('same-origin'))).toBe(200)
  })
})

describe('over the WebSocket', () => {
  function connect(cookie: string) {
    const codes: number[] = []
    class CookieSocket extends WebSocket {
      constructor(url: string) {
        super(url, { headers: { cookie, origin: app.url } })
        this.on('close', (code) => codes.push(code))
      }
    }
    const client = createWSClient({
      url: `${app.url.replace('http', 'ws')}/trpc`,
      WebSocket: CookieSocket as unknown as typeof globalThis.WebSocket,
      retryDelayMs: () => 50,
    })
    return { trpc: createTRPCClient<AppRouter>({ links: [wsLink({ client })] }), client, codes }
  }

  test('the cookie of the upgrade logs in for queries and subscriptions, not for changes', async () => {
    const { browser, email } = await register()
    const { trpc, client } = connect(browser.cookie())
    expect(await trpc.account.me.query()).toMatchObject({ email })
    expect(await trpc.web.session.query()).toMatchObject({ user: { email } })
    const states: unknown[] = []
    trpc.sessions.onLive.subscribe(undefined, { onData: ({ data }) => states.push(data) })
    await expect.poll(() => states, patient).toEqual([{ sessions: [] }])
    await expect(trpc.account.signOutAll.mutate()).rejects.toMatchObject({
      data: { error: { code: 'forbidden' } },
    })
    await expect(trpc.web.login.mutate({ email, password })).rejects.toMatchObject({
      data: { error: { code: 'bad_request' } },
    })
    await client.close()
  })

  test('a socket is closed soon after its login has ended, and those of others are not', async () => {
    const [page, other] = [await register(), await register()]
    const { trpc, client, codes } = connect(page.browser.cookie())
    const neighbour = connect(other.browser.cookie())
    await Promise.all([trpc.account.me.query(), neighbour.trpc.account.me.query()])
    await page.browser.call('web.logout', {}, page.csrf)
    await expect.poll(() => codes[0], patient).toBe(4401)
    await expect(trpc.account.me.query()).rejects.toMatchObject({
      data: { error: { code: 'unauthenticated' } },
    })
    expect(await neighbour.trpc.account.me.query()).toMatchObject({ email: other.email })
    expect(neighbour.codes).toEqual([])
    await Promise.all([client.close(), neighbour.client.close()])
  })

  test('a program’s socket, too, is closed soon after its login has ended', async () => {
    const { browser, email, csrf } = await register()
    const login = await browser.call('auth.login', { email, password, device_name: 'PC' })
    const codes: number[] = []
    class TokenSocket extends WebSocket {
      constructor(url: string) {
        super(url)
        this.on('close', (code) => codes.push(code))
      }
    }
    const client = createWSClient({
      url: `${app.url.replace('http', 'ws')}/trpc`,
      WebSocket: TokenSocket as unknown as typeof globalThis.WebSocket,
      connectionParams: { token: String(login.data['access_token']) },
      retryDelayMs: () => 60_000,
    })
    const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
    const { devices } = await trpc.account.devices.query()
    const id = devices.find(({ kind }) => kind === 'app')?.id
    await browser.call('account.signOut', { id }, csrf)
    await expect.poll(() => codes, patient).toEqual([4401])
    await client.close()
  })

  test('subscriptions go over sockets alone, which end with the login', async () => {
    const { browser } = await register()
    const response = await fetch(`${app.url}/trpc/billing.onBalance`, {
      headers: { cookie: browser.cookie() },
      signal: AbortSignal.timeout(10_000),
    })
    // Where it were served, its end would not come.
    expect(await response.text()).not.toContain('balance_ms')
  })

  test('one user has at most 20 sockets; a place that is given back is free', async () => {
    const { browser } = await register()
    const url = `${app.url.replace('http', 'ws')}/trpc`
    const ask = JSON.stringify({ id: 1, method: 'query', params: { path: 'account.me' } })
    /** @returns the socket once it is served */
    const open = async (): Promise<WebSocket> => {
      const socket = new WebSocket(url, { headers: { cookie: browser.cookie() } })
      await once(socket, 'open')
      socket.send(ask)
      await once(socket, 'message')
      return socket
    }
    const sockets: WebSocket[] = []
    for (let i = 0; i < 20; i++) sockets.push(await open())
    const refused = new WebSocket(url, { headers: { cookie: browser.cookie() } })
    const [code, reason] = (await once(refused, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([4429, expect.stringContaining('too many')])
    sockets.pop()?.close()
    await expect
      .poll(async () => {
        const socket = new WebSocket(url, { headers: { cookie: browser.cookie() } })
        const closed = once(socket, 'close').then(() => 'closed')
        await once(socket, 'open')
        socket.send(ask)
        const outcome = await Promise.race([closed, once(socket, 'message').then(() => 'served')])
        sockets.push(socket)
        return outcome
      }, patient)
      .toBe('served')
    for (const socket of sockets) socket.terminate()
  })
})
