import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { signEvent } from './testing/fake-stripe-delivery.ts'
import { toEvent } from './testing/fake-stripe-state.ts'
import type { FakeStripe } from './testing/fake-stripe.ts'
import { startFakeStripe } from './testing/fake-stripe.ts'
import { registerShopper } from './testing/shopper.ts'

const SECRET = 'whsec_new'
let database: TestDatabase
let stripe: FakeStripe
let app: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  stripe = await startFakeStripe({ webhookSecret: SECRET })
  const keys = { ...stripe.keys, webhookSecrets: [SECRET, 'whsec_old'] }
  app = await startTestApp(database.url, { stripe: keys })
})
afterAll(async () => {
  await app.close()
  await stripe.close()
  await database.drop()
})

async function post(body: string, signature?: string, headers: Record<string, string> = {}) {
  const signed = signature === undefined ? {} : { 'stripe-signature': signature }
  return fetch(`${app.url}/webhooks/stripe`, {
    method: 'POST',
    body,
    headers: { ...headers, ...signed },
  })
}

const unknownEvent = JSON.stringify(
  toEvent('customer.created', { id: 'cus_1', object: 'customer' }),
)

test.each([
  ['of no interest', unknownEvent],
  ['of a kind that does not exist yet', JSON.stringify(toEvent('moon.landed', { id: 'x' }))],
])('a signed event %s is taken', async (_, body) => {
  expect((await post(body, signEvent(body, SECRET))).status).toBe(200)
})

test('the old secret still holds while it is being changed', async () => {
  expect((await post(unknownEvent, signEvent(unknownEvent, 'whsec_old'))).status).toBe(200)
})

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['no signature', 'hello'],
  ['by another secret', signEvent(unknownEvent, 'whsec_other')],
  ['of another body', signEvent(`${unknownEvent} `, SECRET)],
  ['six minutes old', signEvent(unknownEvent, SECRET, Date.now() - 360_000)],
])('an event whose signature is %s is refused', async (_, signature) => {
  const answer = await post(unknownEvent, signature)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { code: 'bad_request' } })
})

test.each([
  ['thin', JSON.stringify({ ...JSON.parse(unknownEvent), object: 'v2.core.event' })],
  ['not JSON', 'hello'],
])('an event that is %s is refused, with what to change', async (_, body) => {
  const answer = await post(body, signEvent(body, SECRET))
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    error: { message: 'This is not a snapshot event. Let Stripe send those, not thin ones.' },
  })
})

test.each([
  ['no object', { type: 'checkout.session.completed', data: {} }],
  [
    'an amount in words',
    { data: { object: { id: 'cs_1', amount_total: '399', livemode: false } } },
  ],
  ['an id with a NUL', { data: { object: { id: 'cs_1\0', amount_total: 399, livemode: false } } }],
  ['no id', { data: { object: { amount_total: 399, livemode: false } } }],
])('a signed event of ours with %s is refused, not an error of the server', async (_, change) => {
  const event = { ...JSON.parse(unknownEvent), type: 'checkout.session.completed', ...change }
  const body = JSON.stringify(event)
  const answer = await post(body, signEvent(body, SECRET))
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { code: 'bad_request' } })
})

test('an event above 64 KiB is taken; a body above 1 MiB is cut off', async () => {
  const large = JSON.stringify(toEvent('large', { text: 'x'.repeat(200_000) }))
  expect((await post(large, signEvent(large, SECRET))).status).toBe(200)
  const huge = 'x'.repeat(2 * 1024 * 1024)
  const status = await post(huge, signEvent(huge, SECRET)).then(
    (answer) => answer.status,
    () => 'cut',
  )
  expect([413, 'cut']).toContain(status)
})

test('a foreign Origin is no obstacle: the signature is the pass', async () => {
  const headers = { origin: 'https://stripe.example' }
  expect((await post(unknownEvent, signEvent(unknownEvent, SECRET), headers)).status).toBe(200)
})

test('while the database fails an event gets 500, and is credited when it is sent again', async () => {
  const shopper = await registerShopper(app.url, 'a@example.org')
  const before = await shopper.balanceMs()
  const [event] = stripe.pay(await shopper.checkout({ package_id: 'pack_500' }))
  if (!event) throw new Error('no event')
  const url = `${app.url}/webhooks/stripe`
  await database.query('ALTER TABLE processed_events RENAME TO processed_events_away')
  expect(await stripe.send(event, url)).toBe(500)
  expect(await shopper.balanceMs()).toBe(before)
  await database.query('ALTER TABLE processed_events_away RENAME TO processed_events')
  expect(await stripe.send(event, url)).toBe(200)
  expect(await shopper.balanceMs()).toBe(before + 500 * 60_000)
})

test('while the database is away an event gets 500', async () => {
  const shopper = await registerShopper(app.url, 'b@example.org')
  const [event] = stripe.pay(await shopper.checkout({ package_id: 'pack_500' }))
  if (!event) throw new Error('no event')
  const { url, name, admin } = adminOf(database.url)
  const client = new pg.Client({ connectionString: admin })
  await client.connect()
  await client.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`)
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    name,
  ])
  expect(await stripe.send(event, `${app.url}/webhooks/stripe`)).toBe(500)
  await client.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`)
  await client.end()
  expect(url).toContain(name)
  const again = async () => stripe.send(event, `${app.url}/webhooks/stripe`)
  await expect.poll(again, { timeout: 30_000 }).toBe(200)
}, 60_000)

/** The address of the same server's own database, from which another can be closed. */
function adminOf(url: string) {
  const admin = new URL(url)
  const name = admin.pathname.slice(1)
  admin.pathname = '/postgres'
  return { url, name, admin: admin.href }
}
