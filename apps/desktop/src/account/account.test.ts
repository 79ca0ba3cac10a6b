import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FakeStripe } from '../../../server/src/billing/testing/fake-stripe.ts'
import { startFakeStripe } from '../../../server/src/billing/testing/fake-stripe.ts'
import type { AccountView } from '../api/desktop-state.ts'
import type { StartedServer } from '../testing/start-server.ts'
import { startServer } from '../testing/start-server.ts'
import type { Account } from './account.ts'
import { createAccount } from './account.ts'
import { createFileSecretStore } from './file-secret-store.ts'
import { SECRET_NAMES } from './secret-store.ts'
import { createServerClient } from './server-client.ts'

const SOON = { timeout: 60_000, interval: 50 }
const CREDIT_MS = 10 * 60_000
const PASSWORD = 'correct horse'

describe('the account at a managed server', { timeout: 180_000 }, () => {
  let folder = ''
  let stripe: FakeStripe
  let server: StartedServer
  let account: Account
  let views: AccountView[] = []
  let notices: string[] = []
  let opened: string[] = []
  let hopes = 0
  let people = 0

  const start = async (port = '0') =>
    startServer(join(folder, 'server data'), {
      PORT: port,
      STARTING_CREDIT_MINUTES: '10',
      STRIPE_SECRET_KEY: stripe.keys.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.keys.webhookSecrets[0] ?? '',
      STRIPE_API_URL: stripe.url,
    })
  beforeAll(async () => {
    // World-readable above it: as root, PostgreSQL runs as another user.
    folder = await mkdtemp(join(tmpdir(), 'saywire-account-'))
    stripe = await startFakeStripe()
    server = await start()
    stripe.sendEventsTo(`${server.url}/webhooks/stripe`)
  }, 180_000)
  afterAll(async () => {
    await server?.stop()
    await stripe?.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const secrets = () => createFileSecretStore(join(folder, 'secrets.json'))
  const create = () =>
    createAccount({
      secrets: secrets(),
      deviceName: 'test',
      publish: (view) => views.push(view),
      onNotice: (_level, sentence) => notices.push(sentence),
      onServerChosen: () => undefined,
      onHope: () => hopes++,
      openExternal: async (url) => void opened.push(url),
      askPurchaseEveryMs: 200,
      retryFirstMs: 50,
    })
  beforeEach(() => {
    views = []
    notices = []
    opened = []
    hopes = 0
    account = create()
  })
  afterEach(() => account.close())

  const now = () => views.at(-1)
  const status = () => now()?.status
  async function register(): Promise<string> {
    const email = `streamer${people++}@example.org`
    await account.enter('register', { serverUrl: server.url, email, password: PASSWORD })
    await expect.poll(() => now()?.balanceMs, SOON).toBe(CREDIT_MS)
    return email
  }

  it('shows who is logged in and what is left, and is still there after a restart', async () => {
    const email = await register()
    expect(now()).toMatchObject({ status: 'logged_in', email, serverUrl: server.url })
    expect(JSON.stringify(views)).not.toContain(await account.getToken(server.url))
    account.close()
    account = create()
    await account.use(server.url)
    await expect.poll(status, SOON).toBe('logged_in')
    expect(now()?.email).toBe(email)
  })

  it('does not say whether the e-mail or the password is wrong', async () => {
    const email = await register()
    const wrong = { serverUrl: server.url, password: 'wrong horse' }
    const known = account.enter('login', { ...wrong, email })
    await expect(known).rejects.toMatchObject({ code: 'unauthenticated' })
    const unknown = account.enter('login', { ...wrong, email: 'nobody@example.org' })
    const message = await known.catch((error: Error) => error.message)
    await expect(unknown).rejects.toMatchObject({ message })
  })

  it('is gone from this computer after logging out', async () => {
    await register()
    await account.logout()
    expect(now()).toMatchObject({ status: 'none', email: undefined, balanceMs: undefined })
    expect(await secrets().get(SECRET_NAMES.login(server.url))).toBeUndefined()
    await expect(account.getToken(server.url)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('opens the payment page, and notices the purchase, which ends the warning', async () => {
    await register()
    account.warnLow(60)
    expect(now()?.isLow).toBe(true)
    const { packages } = await account.packages()
    await account.buy({ packageId: packages[0]?.id ?? '' })
    expect(now()?.purchase).toBe('waiting')
    hopes = 0
    stripe.pay(opened[0] ?? '')
    await expect.poll(() => now()?.purchase, SOON).toBe('paid')
    await expect.poll(() => now()?.balanceMs, SOON).toBeGreaterThan(CREDIT_MS)
    expect(now()?.isLow).toBe(false)
    expect(hopes).toBe(1)
  })

  it('opens one payment page for a double click', async () => {
    await register()
    const { packages } = await account.packages()
    const order = { packageId: packages[0]?.id ?? '' }
    await Promise.all([account.buy(order), account.buy(order)])
    expect(opened).toHaveLength(1)
    await account.buy(order)
    expect(opened).toHaveLength(2)
  })

  it('notices a payment that did not go through', async () => {
    await register()
    const { packages } = await account.packages()
    await account.buy({ packageId: packages[0]?.id ?? '' })
    stripe.expire(opened[0] ?? '')
    await expect.poll(() => now()?.purchase, SOON).toBe('failed')
    expect(now()?.balanceMs).toBe(CREDIT_MS)
  })

  it('says once that a login has ended, and goes on after the next one', async () => {
    const email = await register()
    const login = JSON.parse((await secrets().get(SECRET_NAMES.login(server.url))) ?? '{}') as {
      refreshToken: string
    }
    await createServerClient(server.url).auth.logout.mutate({ refresh_token: login.refreshToken })
    await expect.poll(status, SOON).toBe('expired')
    expect(notices).toHaveLength(1)
    await account.enter('login', { serverUrl: server.url, email, password: PASSWORD })
    await expect.poll(status, SOON).toBe('logged_in')
  })

  it('keeps an access token that was handed over, where the server takes it', async () => {
    await register()
    expect(await account.adopt(server.url, 'not.a.token')).toBe(false)
    const living = await account.getToken(server.url)
    await secrets().update(SECRET_NAMES.login(server.url), async () => undefined)
    expect(await account.adopt(server.url, living)).toBe(true)
    await expect.poll(status, SOON).toBe('logged_in')
    expect(await account.getToken(server.url)).toBe(living)
  })

  it('finds back to a server that went away', async () => {
    await register()
    await server.stop()
    await expect.poll(status, SOON).toBe('unreachable')
    server = await start(new URL(server.url).port)
    await expect.poll(status, SOON).toBe('logged_in')
  })
})
