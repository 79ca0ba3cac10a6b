import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StripeKeys } from '../selling-env.ts'
import type { FakeStripeActions } from './fake-stripe-actions.ts'
import { createFakeStripeActions } from './fake-stripe-actions.ts'
import type { FakeStripeBooks } from './fake-stripe-api.ts'
import { createFakeStripeApi } from './fake-stripe-api.ts'
import type { DeliveryPlan } from './fake-stripe-delivery.ts'
import { createDelivery, sendEvent } from './fake-stripe-delivery.ts'
import { servePage } from './fake-stripe-page.ts'
import type { FakeEvent, FakeSession } from './fake-stripe-state.ts'

/** How the API misbehaves. `drop`: it does the work, but its answer is lost on the way. */
export type Trouble = 'down' | 'drop' | { readonly delayMs: number }

/**
 * Stripe, played by a real HTTP server: the used part of its API, the page that a buyer pays on,
 * and signed events. Methods name a checkout by its session's id or by its page's address.
 */
export interface FakeStripe extends FakeStripeActions, FakeStripeBooks {
  readonly url: string
  /** Configuration of a server that sells through this Stripe. */
  readonly keys: StripeKeys
  /** Every event so far, oldest first, delivered or not. */
  readonly events: readonly FakeEvent[]
  /** From now on events are delivered by themselves, as planned. Without it, only send() delivers. */
  sendEventsTo(webhookUrl: string, plan?: DeliveryPlan): void
  /** Delivers one event once, now. @returns the webhook's status */
  send(event: FakeEvent, webhookUrl: string): Promise<number>
  find(checkout: string): FakeSession
  /** @param trouble undefined: none */
  setTrouble(trouble: Trouble | undefined): void
  close(): Promise<void>
}

/** @param options.webhookSecret what events are signed with */
export async function startFakeStripe(
  options: { readonly webhookSecret?: string } = {},
): Promise<FakeStripe> {
  const { webhookSecret = 'whsec_fake' } = options
  const secretKey = 'sk_test_fake'
  const books: FakeStripeBooks = { sessions: new Map(), customers: new Map() }
  const events: FakeEvent[] = []
  const delivery = createDelivery(webhookSecret)
  let trouble: Trouble | undefined
  let url = ''
  const pageUrl = (id: string): string => `${url}/pay/${id}`
  const actions = createFakeStripeActions(find, (event) => {
    events.push(event)
    delivery.deliver(event)
  })
  const callApi = createFakeStripeApi({ secretKey, books, pageUrl, work })

  async function work(): Promise<void> {
    if (typeof trouble !== 'object') return
    const { delayMs } = trouble
    await new Promise((resolve) => setTimeout(resolve, delayMs))
  }

  function find(checkout: string): FakeSession {
    const session = books.sessions.get(checkout.split('/').at(-1) ?? '')
    if (!session) throw new Error(`no such checkout: ${checkout}`)
    return session
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/'
    if (path.startsWith('/pay/')) return servePage(req, res, find(path), actions)
    if (trouble === 'down') return void req.socket.destroy()
    const answer = await callApi(req, path)
    if (trouble === 'drop') return void req.socket.destroy()
    res.writeHead(answer.status, { 'content-type': 'application/json' })
    res.end(JSON.stringify(answer.body))
  }

  const server = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => res.writeHead(404).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    ...actions,
    ...books,
    url,
    keys: { secretKey, webhookSecrets: [webhookSecret], apiUrl: url },
    events,
    find,
    sendEventsTo: delivery.sendTo,
    send: async (event, webhookUrl) => sendEvent(webhookUrl, event, webhookSecret),
    setTrouble(next) {
      trouble = next
    },
    async close() {
      delivery.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
