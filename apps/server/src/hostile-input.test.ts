import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFakeStripe } from './billing/testing/fake-stripe.ts'
import type { FakeStripe } from './billing/testing/fake-stripe.ts'
import { createLogger } from './log.ts'
import { serveGoodClient } from './testing/fuzz/good-client.ts'
import { makePurchases } from './testing/fuzz/make-purchases.ts'
import { createRandom } from './testing/fuzz/random.ts'
import type { FuzzTarget } from './testing/fuzz/surface.ts'
import { surfaces } from './testing/fuzz/surfaces.ts'
import { exchangeWebSocket } from './testing/fuzz/websocket-exchange.ts'
import { encodeFrame, TEXT } from './testing/fuzz/websocket-frames.ts'
import { createWitness, findLeak } from './testing/fuzz/witness.ts'
import { registerUser } from './testing/register-user.ts'
import type { TestApp } from './testing/test-app.ts'
import { startTestApp, TEST_JWT_SECRET } from './testing/test-app.ts'
import { createTestBrowser } from './testing/test-browser.ts'
import type { TestDatabase } from './testing/test-database.ts'
import { createTestDatabase } from './testing/test-database.ts'
import { unbalancedUsers } from './testing/unbalanced-users.ts'

const SEED = 20_260_801
const PASSWORD = 'canary-password'
const CANARIES = [PASSWORD, TEST_JWT_SECRET, 'whsec_canary', 'sk_test_fake']
/** `npm run bench -- fuzz` sends a hundred thousand to each. */
const CASES: Readonly<Record<string, number>> = { auth: 200, config: 200 }
const CASES_DEFAULT = 1000

/** Signed by Stripe, and not what was offered: the operator must hear of that. */
const REFUSED_PAYMENT = 'PAYMENT NOT CREDITED'

const POSER = { length: { valueOf: 0, toString: 0 } }

const log: string[] = []
let database: TestDatabase
let stripe: FakeStripe
let app: TestApp
let target: FuzzTarget

beforeAll(async () => {
  database = await createTestDatabase()
  stripe = await startFakeStripe({ webhookSecret: 'whsec_canary' })
  app = await startTestApp(database.url, {
    stripe: stripe.keys,
    trustProxy: 1,
    log: createLogger({ level: 'info', readable: false, write: (line) => log.push(line) }),
    streamLimits: { sessionsMax: 1000, sessionsMaxPerUser: 1000, resumeWindowMs: 200, tickMs: 100 },
  })
  const { token } = await registerUser(app.url)
  await makePurchases(app.url, token, stripe)
  const browser = createTestBrowser(app.url)
  await browser.call('web.register', { email: 'browser@example.org', password: PASSWORD })
  const { secret, events } = { secret: 'whsec_canary', events: stripe.events }
  target = {
    url: app.url,
    newToken: async () => token,
    cookie: browser.cookie(),
    stripe: { secret, events },
    password: PASSWORD,
  }
})
afterAll(async () => {
  await app.close()
  await stripe.close()
  await database.drop()
})

/** Errors and worse, without their times; a few of them. */
function unexpected(lines: readonly string[]): string[] {
  const errors = lines.filter(
    (line) => /"level":[56]0/.test(line) && !line.includes(REFUSED_PAYMENT),
  )
  return [...new Set(errors.map((line) => line.replace(/"time":\d+,/, '')))].slice(0, 5)
}

// zod compares a length before it knows what it is, and throws where that is no number.
test.each([
  ['the first message', { type: 'auth', token: POSER }],
  ['a setting', { type: 'auth', token: 'x', config: { keyterm: [POSER] } }],
])('%s that cannot be checked is malformed, and nobody else notices', async (_what, message) => {
  log.length = 0
  const { closeCode } = await exchangeWebSocket(app.url, {
    path: TRANSCRIBE_PATH,
    first: encodeFrame({ opcode: TEXT, payload: Buffer.from(JSON.stringify(message)) }),
    timeoutMs: 20_000,
    headers: [],
    onText: () => undefined,
  })
  expect(closeCode).toBe(4400)
  expect(unexpected(log)).toEqual([])
  expect(await serveGoodClient(app.url)).toBe(1000)
})

test.each(['/auth/login', '/trpc/web.login'])('nor is a field of %s', async (path) => {
  const answer = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: POSER, password: POSER }),
  })
  expect(answer.status).toBe(400)
})

test.each(surfaces)(
  'nonsense on the surface `$name` breaks nothing, tells nothing, and keeps nobody out',
  async ({ name, run }) => {
    log.length = 0
    const witness = createWitness(CANARIES)
    const cases = CASES[name] ?? CASES_DEFAULT
    await run(target, { cases, random: createRandom(SEED), witness })
    expect(witness.problems).toEqual([])
    expect(findLeak(log.join(''), CANARIES)).toBeUndefined()
    expect(unexpected(log)).toEqual([])
    expect(await serveGoodClient(app.url)).toBe(1000)
    expect(await unbalancedUsers(database)).toEqual([])
  },
)
