/** What a browser's page does with the API: calls over tRPC, with the cookies that it was given. */
export interface TestBrowser {
  /** @returns the answer as it is on the wire */
  call(procedure: string, input?: unknown, headers?: Record<string, string>): Promise<WebAnswer>
  /** The header `cookie`, as it would be sent now. */
  cookie(): string
}

export interface WebAnswer {
  readonly status: number
  readonly headers: Headers
  readonly data: Record<string, unknown>
  readonly error: { readonly code: string; readonly retry_after_ms?: number } | undefined
}

const QUERIES = new Set(['web.session', 'account.me', 'account.devices'])

/** @param always headers of every request, such as those that a proxy adds */
export function createTestBrowser(url: string, always: Record<string, string> = {}): TestBrowser {
  let cookie = ''
  return {
    cookie: () => cookie,
    async call(procedure, input, headers = {}) {
      const response = await fetch(`${url}/trpc/${procedure}`, {
        headers: {
          origin: url,
          'content-type': 'application/json',
          ...(cookie === '' ? {} : { cookie }),
          ...always,
          ...headers,
        },
        ...(QUERIES.has(procedure) ? {} : { method: 'POST', body: JSON.stringify(input ?? {}) }),
      })
      const set = response.headers.get('set-cookie')?.split(';', 1)[0]
      if (set !== undefined) cookie = set.endsWith('=') ? '' : set
      const body = (await response.json()) as {
        result?: { data: Record<string, unknown> }
        error?: { data: { error: NonNullable<WebAnswer['error']> } }
      }
      const { status, headers: answered } = response
      return {
        status,
        headers: answered,
        data: body.result?.data ?? {},
        error: body.error?.data.error,
      }
    },
  }
}
