/** Somebody with an account on a server that sells credit; every answer is taken as it comes. */
export interface Shopper {
  readonly token: string
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Answer }>
  /** Begins a purchase. @returns the address of the page to pay on */
  checkout(input: Record<string, unknown>): Promise<string>
  verify(checkoutSessionId: string): Promise<Answer>
  balanceMs(): Promise<number>
}

export interface Answer {
  readonly checkout_url?: string
  readonly status?: string
  readonly seconds?: number
  readonly balance_ms?: number
  readonly access_token?: string
  readonly error?: { readonly code: string; readonly message: string }
}

async function callApi(url: string, method: string, path: string, token = '', body?: unknown) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const init =
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const response = await fetch(`${url}${path}`, init)
  return { status: response.status, body: (await response.json()) as Answer }
}

export async function registerShopper(url: string, email: string): Promise<Shopper> {
  const account = { email, password: 'correct horse' }
  const registered = await callApi(url, 'POST', '/auth/register', '', account)
  const token = registered.body.access_token ?? ''
  const call: Shopper['call'] = async (method, path, body) =>
    callApi(url, method, path, token, body)
  return {
    token,
    call,
    async checkout(input) {
      const { status, body } = await call('POST', '/billing/checkout', input)
      if (!body.checkout_url) throw new Error(`${status} ${JSON.stringify(body)}`)
      return body.checkout_url
    },
    verify: async (id) => (await call('POST', '/billing/verify', { session_id: id })).body,
    balanceMs: async () => (await call('GET', '/billing/balance')).body.balance_ms ?? Number.NaN,
  }
}
