import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { patient } from '../testing/patient.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import { createTestServices } from '../testing/test-services.ts'
import type { StripeCustomers } from './stripe-customers.ts'
import { createStripeCustomers } from './stripe-customers.ts'
import { createStripeGateway } from './stripe-gateway.ts'
import type { FakeStripe } from './testing/fake-stripe.ts'
import { startFakeStripe } from './testing/fake-stripe.ts'
import { registerShopper } from './testing/shopper.ts'

let database: TestDatabase
let services: TestServices
let stripe: FakeStripe
let count = 0
const running: StripeCustomers[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  services = createTestServices(database)
  stripe = await startFakeStripe()
})
afterEach(() => {
  stripe.setTrouble(undefined)
  for (const customers of running.splice(0)) customers.stop()
})
afterAll(async () => {
  await stripe.close()
  await database.drop()
})

/** As one server process has it. */
function newProcess(): StripeCustomers {
  const customers = createStripeCustomers({
    prisma: database.prisma,
    gateway: createStripeGateway(stripe.keys),
    log: pino({ level: 'silent' }),
    delays: { retryMs: 20, idleMs: 100 },
  })
  running.push(customers)
  return customers
}

async function register(): Promise<string> {
  const email = `user${count++}@example.org`
  return (await services.accounts.register({ email, password: 'correct horse' })).user.id
}

const customerOf = async (userId: string): Promise<unknown> =>
  (await database.query('SELECT stripe_customer_id AS id FROM users WHERE id = $1', [userId]))[0]?.[
    'id'
  ]
const madeFor = (userId: string): string[] =>
  [...stripe.customers]
    .filter(([, { metadata }]) => (metadata as Record<string, string>)['user_id'] === userId)
    .map(([id]) => id)

test('accounts that an earlier run left without a customer get theirs after the start', async () => {
  const users = [await register(), await register()]
  newProcess().start()
  for (const user of users) {
    await expect.poll(async () => customerOf(user), patient).toMatch(/^cus_/)
  }
})

test('two processes that ask at once make one customer', async () => {
  const user = await register()
  const [first, second] = [newProcess(), newProcess()]
  const ids = await Promise.all([first.ensure(user), second.ensure(user), second.ensure(user)])
  expect(madeFor(user)).toEqual([ids[0]])
  expect(new Set(ids).size).toBe(1)
})

test('a customer whose answer was lost is not made twice', async () => {
  const user = await register()
  stripe.setTrouble('drop')
  await expect(newProcess().ensure(user)).rejects.toThrow('Stripe does not answer')
  stripe.setTrouble(undefined)
  expect(madeFor(user)).toEqual([await newProcess().ensure(user)])
})

test('while Stripe is away accounts wait, and get their customer when it is back', async () => {
  stripe.setTrouble('down')
  const customers = newProcess()
  customers.start()
  const user = await register()
  customers.wake()
  await expect(customers.ensure(user)).rejects.toThrow('Stripe does not answer')
  stripe.setTrouble(undefined)
  await expect.poll(async () => customerOf(user), patient).toMatch(/^cus_/)
})

test('a registration on a server neither waits for Stripe nor fails with it', async () => {
  stripe.setTrouble({ delayMs: 60_000 })
  const app = await startTestApp(database.url, { stripe: stripe.keys })
  const shopper = await registerShopper(app.url, 'quick@example.org')
  expect(shopper.token).not.toBe('')
  // Nor does the server's end wait for it.
  await app.close()
})

test('a registration makes the customer at once where Stripe answers', async () => {
  const app = await startTestApp(database.url, { stripe: stripe.keys })
  await registerShopper(app.url, 'soon@example.org')
  const find = "SELECT stripe_customer_id AS id FROM users WHERE email = 'soon@example.org'"
  await expect.poll(async () => (await database.query(find))[0]?.['id'], patient).toMatch(/^cus_/)
  await app.close()
})
