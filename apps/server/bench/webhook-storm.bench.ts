// Stripe's events, each many times and in any order, on two processes: credited exactly once.
import { startFakeStripe } from '../src/billing/testing/fake-stripe.ts'
import type { FakeStripe } from '../src/billing/testing/fake-stripe.ts'
import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'
import type { BenchDatabase } from './database.ts'
import { runBench } from './report.ts'
import { issueToken } from './server-process.ts'
import type { Stage } from './stage.ts'
import { setStage } from './stage.ts'

const BUYERS = 20
/** 500 events: one each for cards and refunds, two each for debits. */
const CARDS = 200
const REFUNDED_CARDS = 40
const DEBITS_PAID = 100
const DEBITS_FAILED = 30
const EVENTS = 500
const AT_ONCE = 20
const PACK = 'pack_500'

await runBench('webhook-storm', async (run) => {
  const copies = run.isQuick ? 4 : 20
  const stripe = await startFakeStripe()
  run.atEnd(stripe.close)
  const stage = await setStage(run, {
    STRIPE_SECRET_KEY: stripe.keys.secretKey,
    STRIPE_WEBHOOK_SECRET: stripe.keys.webhookSecrets.join(','),
    STRIPE_API_URL: stripe.url,
  })
  const owedMs = await buy(stage, stripe)
  const deliveries = shuffle(Array.from({ length: copies }, () => stripe.events).flat())
  const startedAtMs = performance.now()
  const refused = await deliver(stage, stripe, deliveries)
  const tookS = (performance.now() - startedAtMs) / 1000
  const balances = await readBalances(stage.database)
  const wrong = [...owedMs].filter(([userId, ms]) => balances.get(userId) !== ms)
  const credits = await countCredits(stage.database)
  const wrongBooks = await unbalancedUsers(stage.database)
  const paid = CARDS + DEBITS_PAID
  return {
    figures: {
      events: stripe.events.length,
      deliveries: deliveries.length,
      perSecond: deliveries.length / tookS,
      refused,
      credits,
    },
    promises: [
      {
        promise: `${deliveries.length} deliveries of ${EVENTS} events: each purchase is credited once`,
        kept: stripe.events.length === EVENTS && credits.entries === paid && credits.refs === paid,
        measured: `${credits.entries} credits for ${paid} payments, ${(deliveries.length / tookS).toFixed(0)} deliveries/s`,
      },
      {
        promise: 'every buyer has what was paid for and not refunded, to the millisecond',
        kept: wrong.length === 0 && wrongBooks.length === 0,
        measured: `${wrong.length} of ${BUYERS} balances wrong, ${wrongBooks.length} wrong books`,
      },
      {
        promise: 'every delivery is taken',
        kept: refused === 0,
        measured: `${refused} had to be sent again`,
      },
    ],
  }
})

/** Makes the purchases, of which Stripe has its events to tell. @returns credit that each buyer is due */
async function buy(stage: Stage, stripe: FakeStripe): Promise<Map<string, number>> {
  const buyers = await Promise.all(
    Array.from({ length: BUYERS }, async () => {
      const userId = await stage.database.addUser(0)
      return { userId, token: await issueToken(userId) }
    }),
  )
  const dueMs = new Map(buyers.map(({ userId }) => [userId, 0]))
  const packMs = await readPackMs(stage.pickServer())
  for (let i = 0; i < CARDS + DEBITS_PAID + DEBITS_FAILED; i++) {
    const { userId, token } = buyers[i % BUYERS] ?? { userId: '', token: '' }
    const page = await checkOut(stage.pickServer(), token)
    const isPaid = i < CARDS + DEBITS_PAID
    stripe.pay(page, i < CARDS ? 'card' : 'bank')
    if (i >= CARDS) stripe.settleBank(page, isPaid ? 'succeeded' : 'failed')
    if (i < REFUNDED_CARDS) stripe.refund(page)
    else if (isPaid) dueMs.set(userId, (dueMs.get(userId) ?? 0) + packMs)
  }
  return dueMs
}

async function checkOut(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/billing/checkout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ package_id: PACK }),
  })
  const { checkout_url: page } = (await response.json()) as { checkout_url?: string }
  if (!page) throw new Error(`Checkout answered ${response.status}.`)
  return page
}

async function readPackMs(url: string): Promise<number> {
  const response = await fetch(`${url}/billing/packages`)
  const { packages } = (await response.json()) as { packages: { id: string; seconds: number }[] }
  return 1000 * (packages.find(({ id }) => id === PACK)?.seconds ?? 0)
}

/** Twenty at a time, on both servers; sent again where the answer is not 200, as Stripe does. */
async function deliver(
  stage: Stage,
  stripe: FakeStripe,
  deliveries: FakeStripe['events'],
): Promise<number> {
  const waiting = [...deliveries]
  let refused = 0
  async function work(worker: number): Promise<void> {
    const url = `${stage.servers[worker % 2]?.url ?? ''}/webhooks/stripe`
    for (let event = waiting.pop(); event; event = waiting.pop()) {
      const status = await stripe.send(event, url)
      if (status === 200) continue
      refused += 1
      if (refused > deliveries.length) throw new Error(`The webhook answers ${status}.`)
      waiting.unshift(event)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, async (_, worker) => work(worker)))
  return refused
}

async function readBalances({ query }: BenchDatabase): Promise<Map<string, number>> {
  const rows = await query('SELECT user_id, available_ms - owed_ms AS ms FROM credit_balance')
  return new Map(rows.map((row) => [String(row['user_id']), Number(row['ms'])]))
}

async function countCredits({ query }: BenchDatabase): Promise<{ entries: number; refs: number }> {
  const [row] = await query(
    `SELECT count(*) AS entries, count(DISTINCT ref) AS refs FROM usage_ledger
     WHERE kind = 'credit_purchase'`,
  )
  return { entries: Number(row?.['entries']), refs: Number(row?.['refs']) }
}

function shuffle<T>(items: readonly T[]): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
  }
  return shuffled
}
