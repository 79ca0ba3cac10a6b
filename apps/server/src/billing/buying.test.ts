import { afterAll, beforeAll, expect, test } from 'vitest'
import { patient } from '../testing/patient.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import type { FakeStripe } from './testing/fake-stripe.ts'
import { startFakeStripe } from './testing/fake-stripe.ts'
import type { Shopper } from './testing/shopper.ts'
import { registerShopper } from './testing/shopper.ts'

const STARTING_MS = 60 * 60_000
const PACK_500_MS = 500 * 60_000
let database: TestDatabase
let stripe: FakeStripe
let app: TestApp
let count = 0

beforeAll(async () => {
  database = await createTestDatabase()
  stripe = await startFakeStripe()
  const selling = { stripe: stripe.keys, secondsPerDollar: 7500 }
  app = await startTestApp(database.url, selling)
})
afterAll(async () => {
  await app.close()
  await stripe.close()
  await database.drop()
})

const newShopper = async (): Promise<Shopper> =>
  registerShopper(app.url, `shopper${count++}@example.org`)
const webhook = (): string => `${app.url}/webhooks/stripe`

/** Delivers events in the order given. */
async function deliver(events: ReturnType<FakeStripe['pay']>): Promise<void> {
  for (const event of events) expect(await stripe.send(event, webhook())).toBe(200)
}

test('what can be bought is public', async () => {
  const answer = await fetch(`${app.url}/billing/packages`)
  expect(await answer.json()).toMatchObject({
    buying: true,
    packages: [{ id: 'pack_500', currency: 'usd' }, { id: 'pack_1200' }, { id: 'pack_3000' }],
    custom: { seconds_per_dollar: 7500, min_cents: 500, max_cents: 20_000 },
  })
})

test('a pack that is paid is credited by the webhook, and the success page agrees', async () => {
  const shopper = await newShopper()
  const page = await shopper.checkout({ package_id: 'pack_500' })
  await deliver(stripe.pay(page))
  expect(await shopper.balanceMs()).toBe(STARTING_MS + PACK_500_MS)
  expect(await shopper.verify(stripe.find(page).id)).toMatchObject({
    status: 'paid',
    seconds: 30_000,
    credits: { balance_ms: STARTING_MS + PACK_500_MS },
  })
})

test('Stripe is told who buys what, on the session and on the payment, and where to lead back to', async () => {
  const shopper = await newShopper()
  const session = stripe.find(await shopper.checkout({ package_id: 'pack_1200' }))
  const { id } = (await shopper.call('GET', '/account/me')).body as unknown as { id: string }
  const purchaseId = expect.stringMatching(/^pur_/) as string
  const metadata = { user_id: id, package_id: 'pack_1200', purchase_id: purchaseId }
  expect(session).toMatchObject({
    metadata,
    intentMetadata: metadata,
    clientReferenceId: id,
    amountCents: 849,
    currency: 'usd',
    successUrl: `${app.url}/billing/success?session_id={CHECKOUT_SESSION_ID}`,
    cancelUrl: `${app.url}/billing/cancel`,
  })
})

test('the success page credits before the webhook comes; the webhook then changes nothing', async () => {
  const shopper = await newShopper()
  const page = await shopper.checkout({ package_id: 'pack_500' })
  const { id } = stripe.find(page)
  expect(await shopper.verify(id)).toMatchObject({ status: 'pending' })
  const events = stripe.pay(page)
  expect(await shopper.verify(id)).toMatchObject({ status: 'paid' })
  await deliver([...events, ...events])
  expect(await shopper.balanceMs()).toBe(STARTING_MS + PACK_500_MS)
})

test('only the buyer may verify a purchase', async () => {
  const [buyer, other] = [await newShopper(), await newShopper()]
  const page = await buyer.checkout({ package_id: 'pack_500' })
  stripe.pay(page)
  expect((await other.verify(stripe.find(page).id)).error?.code).toBe('not_found')
  expect(await other.balanceMs()).toBe(STARTING_MS)
})

test('one click that is sent twice, also at once, leads to one page', async () => {
  const shopper = await newShopper()
  const click = { package_id: 'pack_500', idempotency_key: 'click-1' }
  const before = stripe.sessions.size
  const pages = await Promise.all([shopper.checkout(click), shopper.checkout(click)])
  expect(new Set([...pages, await shopper.checkout(click)]).size).toBe(1)
  expect(stripe.sessions.size).toBe(before + 1)
  const next = await shopper.checkout({ ...click, idempotency_key: 'click-2' })
  expect(next).not.toBe(pages[0])
})

test('the header Idempotency-Key names a click as well', async () => {
  const { token } = await newShopper()
  const authorization = `Bearer ${token}`
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'click' }
  const init = { method: 'POST', headers, body: JSON.stringify({ package_id: 'pack_500' }) }
  const click = async () => (await fetch(`${app.url}/billing/checkout`, init)).json()
  expect(await click()).toEqual(await click())
})

test('a click’s key for something else is refused; other buyers may use the same key', async () => {
  const [shopper, other] = [await newShopper(), await newShopper()]
  await shopper.checkout({ package_id: 'pack_500', idempotency_key: 'k' })
  const reused = { package_id: 'pack_1200', idempotency_key: 'k' }
  expect((await shopper.call('POST', '/billing/checkout', reused)).body.error?.code).toBe(
    'bad_request',
  )
  await expect(other.checkout(reused)).resolves.toContain('/pay/')
})

test('a click whose answer was lost on the way from Stripe leads to the page that it made', async () => {
  const shopper = await newShopper()
  await shopper.checkout({ package_id: 'pack_500' })
  const click = { package_id: 'pack_500', idempotency_key: 'lost' }
  const before = stripe.sessions.size
  stripe.setTrouble('drop')
  const lost = await shopper.call('POST', '/billing/checkout', click)
  stripe.setTrouble(undefined)
  expect(lost).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } })
  await shopper.checkout(click)
  expect(stripe.sessions.size).toBe(before + 1)
})

test('an amount of the buyer’s choice buys its seconds, within the limits', async () => {
  const shopper = await newShopper()
  const page = await shopper.checkout({ amount_cents: 999 })
  await deliver(stripe.pay(page))
  expect(await shopper.balanceMs()).toBe(STARTING_MS + 999 * 75_000)
  for (const amount_cents of [499, 20_001]) {
    const refused = await shopper.call('POST', '/billing/checkout', { amount_cents })
    expect(refused.body.error).toEqual({
      code: 'bad_request',
      message: 'Choose an amount from $5 to $200.',
    })
  }
})

test.each([[{}], [{ package_id: 'pack_500', amount_cents: 500 }], [{ package_id: 'pack_0' }]])(
  '%j buys nothing',
  async (input) => {
    const shopper = await newShopper()
    const { status, body } = await shopper.call('POST', '/billing/checkout', input)
    expect([status, body.error?.code]).toEqual([400, 'bad_request'])
  },
)

test('a bank debit is credited when the money arrives, and not before', async () => {
  const shopper = await newShopper()
  const page = await shopper.checkout({ package_id: 'pack_500' })
  await deliver(stripe.pay(page, 'bank'))
  expect(await shopper.verify(stripe.find(page).id)).toMatchObject({ status: 'pending' })
  expect(await shopper.balanceMs()).toBe(STARTING_MS)
  await deliver(stripe.settleBank(page, 'succeeded'))
  expect(await shopper.balanceMs()).toBe(STARTING_MS + PACK_500_MS)
})

test('a bank debit that bounces, and a page that is left, bring nothing and say so', async () => {
  const shopper = await newShopper()
  const bounced = await shopper.checkout({ package_id: 'pack_500' })
  await deliver([...stripe.pay(bounced, 'bank'), ...stripe.settleBank(bounced, 'failed')])
  expect(await shopper.verify(stripe.find(bounced).id)).toMatchObject({ status: 'failed' })
  const left = await shopper.checkout({ package_id: 'pack_500' })
  await deliver([...stripe.decline(left), ...stripe.expire(left)])
  expect(await shopper.verify(stripe.find(left).id)).toMatchObject({ status: 'expired' })
  expect(await shopper.balanceMs()).toBe(STARTING_MS)
})

test('refund and lost dispute that overtake the payment’s own event still take all of it back', async () => {
  const shopper = await newShopper()
  for (const reverse of [stripe.refund, stripe.dispute]) {
    const page = await shopper.checkout({ package_id: 'pack_500' })
    const paid = stripe.pay(page)
    await deliver([...reverse(page), ...paid])
    expect(await shopper.balanceMs()).toBe(STARTING_MS)
  }
})

test('events that come by themselves, late and doubled, end in the same balance', async () => {
  const shopper = await newShopper()
  stripe.sendEventsTo(webhook(), { delayMs: 50, copies: 3 })
  const page = await shopper.checkout({ package_id: 'pack_500' })
  stripe.pay(page)
  stripe.dispute(page)
  stripe.closeDispute(page, 'won')
  stripe.refund(page, 133)
  const leftMs = STARTING_MS + PACK_500_MS - Math.floor((PACK_500_MS * 133) / 399)
  await expect.poll(shopper.balanceMs, patient).toBe(leftMs)
  const seen = 'SELECT count(*)::int AS n FROM processed_events WHERE id = ANY($1)'
  const ids = stripe.events.slice(-4).map(({ id }) => id)
  await expect.poll(async () => database.query(seen, [ids]), patient).toEqual([{ n: 4 }])
  expect(await shopper.balanceMs()).toBe(leftMs)
  stripe.sendEventsTo(webhook(), { copies: 0 })
})

test('the same event on two servers at once is credited once', async () => {
  const second = await startTestApp(database.url, { stripe: stripe.keys, isDatabaseOwned: false })
  const shopper = await newShopper()
  const page = await shopper.checkout({ package_id: 'pack_500' })
  const [event] = stripe.pay(page)
  if (!event) throw new Error('no event')
  const urls = [webhook(), `${second.url}/webhooks/stripe`]
  const sent = Array.from({ length: 20 }, async (_, i) => stripe.send(event, urls[i % 2] ?? ''))
  expect(new Set(await Promise.all(sent))).toEqual(new Set([200]))
  expect(await shopper.balanceMs()).toBe(STARTING_MS + PACK_500_MS)
  await second.close()
})

test('without keys buying is off, and the rest of the server works', async () => {
  const closed = await startTestApp(database.url, { isDatabaseOwned: false })
  const shopper = await registerShopper(closed.url, 'nobuyer@example.org')
  expect(await (await fetch(`${closed.url}/billing/packages`)).json()).toMatchObject({
    buying: false,
  })
  for (const [path, body] of [
    ['/billing/checkout', { package_id: 'pack_500' }],
    ['/billing/verify', { session_id: 'cs_1' }],
    ['/webhooks/stripe', {}],
  ] as const) {
    const answer = await shopper.call('POST', path, body)
    expect([answer.status, answer.body.error?.code]).toEqual([503, 'buying_off'])
  }
  await closed.close()
})

test('the page to pay on leads a browser back to where the purchase is told', async () => {
  const shopper = await newShopper()
  const press = async (page: string, button: string): Promise<string | null> => {
    expect(await (await fetch(page)).text()).toContain(`action="?do=${button}"`)
    const answer = await fetch(`${page}?do=${button}`, { method: 'POST', redirect: 'manual' })
    return answer.headers.get('location')
  }
  const page = await shopper.checkout({ package_id: 'pack_500' })
  expect(await press(page, 'cancel')).toBe(`${app.url}/billing/cancel`)
  const { id } = stripe.find(page)
  expect(await press(page, 'card')).toBe(`${app.url}/billing/success?session_id=${id}`)
  expect(await shopper.verify(id)).toMatchObject({ status: 'paid' })
})

test('after all of this the books balance', async () => {
  expect(await unbalancedUsers(database)).toEqual([])
})
