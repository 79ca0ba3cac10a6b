import type { FakeStripe } from '../../billing/testing/fake-stripe.ts'

/** What a buyer can do with a purchase, each of which Stripe reports. */
const STORIES: readonly ((stripe: FakeStripe, page: string) => unknown)[] = [
  (stripe, page) => stripe.pay(page),
  (stripe, page) => stripe.expire(page),
  (stripe, page) => stripe.decline(page),
  (stripe, page) => [stripe.pay(page), stripe.refund(page, 100)],
  (stripe, page) => [stripe.pay(page), stripe.dispute(page), stripe.closeDispute(page, 'won')],
  (stripe, page) => [stripe.pay(page, 'bank'), stripe.settleBank(page, 'failed')],
]

/** Begins a purchase for each story, and lets Stripe have its events of them; none is delivered. */
export async function makePurchases(url: string, token: string, stripe: FakeStripe): Promise<void> {
  for (const tell of STORIES) {
    const response = await fetch(`${url}/billing/checkout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ package_id: 'pack_500' }),
    })
    const { checkout_url: page } = (await response.json()) as { checkout_url?: string }
    if (!page) throw new Error(`The server began no purchase: ${response.status}.`)
    tell(stripe, page)
  }
}
