import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { patient } from '../testing/patient.ts'
import { commandLine, createTestAdministration } from '../testing/test-administration.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { FakeStripe } from './testing/fake-stripe.ts'
import { startFakeStripe } from './testing/fake-stripe.ts'
import type { Shopper } from './testing/shopper.ts'
import { registerShopper } from './testing/shopper.ts'

let database: TestDatabase
let stripe: FakeStripe
let app: TestApp
let count = 0

beforeAll(async () => {
  database = await createTestDatabase()
  stripe = await startFakeStripe()
  app = await startTestApp(database.url, { stripe: stripe.keys })
})
afterEach(() => stripe.setTrouble(undefined))
afterAll(async () => {
  await app.close()
  await stripe.close()
  await database.drop()
})

const newShopper = async (): Promise<Shopper> =>
  registerShopper(app.url, `shopper${count++}@example.org`)

async function customerOf(shopper: Shopper): Promise<string> {
  const { id } = (await shopper.call('GET', '/account/me')).body as unknown as { id: string }
  const find = async (): Promise<unknown> => {
    const sql = 'SELECT stripe_customer_id AS id FROM users WHERE id = $1'
    return (await database.query(sql, [id]))[0]?.['id']
  }
  await expect.poll(find, patient).toMatch(/^cus_/)
  return String(await find())
}

test('who registered under another Stripe account, or was deleted there, can buy', async () => {
  const shopper = await newShopper()
  const lost = await customerOf(shopper)
  stripe.customers.delete(lost)
  const before = stripe.customers.size
  const click = { package_id: 'pack_500', idempotency_key: 'click' }
  const pages = await Promise.all([
    shopper.checkout(click),
    shopper.checkout({ ...click, idempotency_key: 'next' }),
  ])
  expect(stripe.customers.size).toBe(before + 1)
  const customer = await customerOf(shopper)
  expect(customer).not.toBe(lost)
  expect(pages.map((page) => stripe.find(page).customer)).toEqual([customer, customer])
  expect(await shopper.checkout(click)).toBe(pages[0])
})

test('nobody takes money from who was blocked a moment ago', async () => {
  const shopper = await newShopper()
  const { id } = (await shopper.call('GET', '/account/me')).body as unknown as { id: string }
  const { access } = createTestAdministration(database)
  await access.block(commandLine, { userId: id, reason: 'test' })
  const before = stripe.sessions.size
  const answer = await shopper.call('POST', '/billing/checkout', { package_id: 'pack_500' })
  expect(answer).toMatchObject({ status: 403, body: { error: { code: 'account_blocked' } } })
  expect(stripe.sessions.size).toBe(before)
})

test('a second click while Stripe still works on the first is told to come again', async () => {
  const shopper = await newShopper()
  await customerOf(shopper)
  const click = { package_id: 'pack_500', idempotency_key: 'click' }
  const before = stripe.sessions.size
  stripe.setTrouble({ delayMs: 6000 })
  const answers = await Promise.all([
    shopper.call('POST', '/billing/checkout', click),
    shopper.call('POST', '/billing/checkout', click),
  ])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 503])
  const page = answers.find(({ status }) => status === 200)?.body.checkout_url
  stripe.setTrouble(undefined)
  expect(await shopper.checkout(click)).toBe(page)
  expect(stripe.sessions.size).toBe(before + 1)
})

test('who has paid is not told otherwise while Stripe is away', async () => {
  const shopper = await newShopper()
  const page = await shopper.checkout({ package_id: 'pack_500' })
  stripe.pay(page)
  stripe.setTrouble('down')
  const { error } = await shopper.verify(stripe.find(page).id)
  expect(error).toMatchObject({
    code: 'unavailable',
    message: 'Stripe does not answer. What you have paid will be credited. Look again shortly.',
  })
})

test.each(['', 'nul \u0000', 'x'.repeat(201)])('the click’s key %j is refused', async (key) => {
  const click = { package_id: 'pack_500', idempotency_key: key }
  const { status, body } = await (await newShopper()).call('POST', '/billing/checkout', click)
  expect([status, body.error?.code]).toEqual([400, 'bad_request'])
})

test('one buyer’s restless clicks and reloads leave Stripe to the others', async () => {
  const [restless, other] = [await newShopper(), await newShopper()]
  const page = await restless.checkout({ package_id: 'pack_500' })
  const { id } = stripe.find(page)
  for (let i = 1; i < 60; i++) await restless.verify(id)
  const refused = await restless.call('POST', '/billing/checkout', { package_id: 'pack_500' })
  expect([refused.status, refused.body.error?.code]).toEqual([429, 'rate_limited'])
  const [event] = stripe.pay(page)
  if (!event) throw new Error('no event')
  // Not asked any more; the webhook still tells.
  expect(await restless.verify(id)).toMatchObject({ status: 'pending' })
  expect(await stripe.send(event, `${app.url}/webhooks/stripe`)).toBe(200)
  expect(await restless.verify(id)).toMatchObject({ status: 'paid' })
  await expect(other.checkout({ package_id: 'pack_500' })).resolves.toContain('/pay/')
})
