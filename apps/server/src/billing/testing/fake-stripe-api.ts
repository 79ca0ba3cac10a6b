import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { FakeSession, StripeObject } from './fake-stripe-state.ts'
import { intentObject, newStripeId, sessionObject } from './fake-stripe-state.ts'

export interface ApiAnswer {
  readonly status: number
  readonly body: StripeObject
}

export interface FakeStripeBooks {
  readonly sessions: Map<string, FakeSession>
  /** Customers by their id. */
  readonly customers: Map<string, StripeObject>
}

type Form = Readonly<Record<string, string>>

/** The used part of Stripe's API: keys, form bodies, idempotency and errors as the real one's. */
export function createFakeStripeApi(deps: {
  readonly secretKey: string
  readonly books: FakeStripeBooks
  readonly pageUrl: (sessionId: string) => string
  /** How long it works on a request. */
  readonly work: () => Promise<void>
}): (req: IncomingMessage, path: string) => Promise<ApiAnswer> {
  const { sessions, customers } = deps.books
  /** By idempotency key; without an answer while it is being worked on. */
  const asked = new Map<string, { readonly request: string; readonly answer?: ApiAnswer }>()

  function create(path: string, form: Form): ApiAnswer {
    if (path === '/v1/customers') {
      const id = newStripeId('cus')
      const customer = {
        id,
        object: 'customer',
        email: form['email'],
        metadata: pick(form, 'metadata'),
      }
      customers.set(id, customer)
      return { status: 200, body: customer }
    }
    if (path !== '/v1/checkout/sessions') return unknown(path)
    if (Object.keys(form).some((key) => key.startsWith('payment_method_types'))) {
      return refusal(400, 'payment_method_types switches dynamic payment methods off')
    }
    const customer = form['customer'] ?? ''
    if (!customers.has(customer)) {
      const details = { code: 'resource_missing', param: 'customer' }
      return refusal(400, `No such customer: '${customer}'`, details)
    }
    const session = toSession(form, customer, deps.pageUrl)
    sessions.set(session.id, session)
    return { status: 200, body: sessionObject(session) }
  }

  function read(path: string): ApiAnswer {
    const id = path.split('/').at(-1) ?? ''
    const session = sessions.get(id)
    if (path.startsWith('/v1/checkout/sessions/') && session) {
      return { status: 200, body: sessionObject(session) }
    }
    const paying = [...sessions.values()].find(({ paymentIntentId }) => paymentIntentId === id)
    if (path.startsWith('/v1/payment_intents/') && paying) {
      return { status: 200, body: intentObject(paying) }
    }
    return unknown(path)
  }

  return async (req, path) => {
    const body = await text(req)
    if (req.headers.authorization !== `Bearer ${deps.secretKey}`) {
      return refusal(401, 'Invalid API Key provided')
    }
    if (req.method === 'GET') {
      await deps.work()
      return read(path)
    }
    const key = String(req.headers['idempotency-key'])
    const request = `${path}?${body}`
    const before = asked.get(key)
    if (before && before.request !== request) {
      const message = 'Keys for idempotent requests can only be used with the same parameters'
      return refusal(400, message, { type: 'idempotency_error' })
    }
    if (before) return before.answer ?? refusal(409, 'Another request with this key is in progress')
    asked.set(key, { request })
    await deps.work()
    const answer = create(path, Object.fromEntries(new URLSearchParams(body)))
    // A request that was refused for its parameters leaves its key unused.
    if (answer.status === 200) asked.set(key, { request, answer })
    else asked.delete(key)
    return answer
  }
}

function toSession(form: Form, customer: string, pageUrl: (id: string) => string): FakeSession {
  const id = newStripeId('cs_test')
  return {
    id,
    url: pageUrl(id),
    amountCents: Number(form['line_items[0][price_data][unit_amount]']),
    currency: form['line_items[0][price_data][currency]'] ?? '',
    label: form['line_items[0][price_data][product_data][name]'] ?? '',
    customer,
    clientReferenceId: form['client_reference_id'] ?? '',
    metadata: pick(form, 'metadata'),
    intentMetadata: pick(form, 'payment_intent_data[metadata]'),
    successUrl: form['success_url'] ?? '',
    cancelUrl: form['cancel_url'] ?? '',
    status: 'open',
    paymentStatus: 'unpaid',
    paymentIntentId: null,
    refundedCents: 0,
    disputeStatus: null,
  }
}

/** `metadata[a]=1` as `{a: '1'}`. */
function pick(form: Form, name: string): Record<string, string> {
  const entries = Object.entries(form).filter(([key]) => key.startsWith(`${name}[`))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(name.length + 1, -1), value]))
}

function refusal(status: number, message: string, details: StripeObject = {}): ApiAnswer {
  return { status, body: { error: { type: 'invalid_request_error', message, ...details } } }
}

const unknown = (path: string): ApiAnswer => refusal(404, `Unrecognized request URL: ${path}`)
