/** One procedure, and an input that it takes. */
export interface TrpcCall {
  readonly method: 'query' | 'mutation' | 'subscription'
  readonly path: string
  readonly input: unknown
}

/** Every procedure of the router. */
export function trpcCalls(password: string): TrpcCall[] {
  const credentials = { email: 'fuzz@example.org', password, device_name: 'PC' }
  const query = (path: string, input?: unknown): TrpcCall => ({ method: 'query', path, input })
  const change = (path: string, input: unknown): TrpcCall => ({ method: 'mutation', path, input })
  const watch = (path: string, input: unknown): TrpcCall => ({
    method: 'subscription',
    path,
    input,
  })
  return [
    change('auth.login', credentials),
    change('auth.register', credentials),
    change('auth.refresh', { refresh_token: 'x'.repeat(43) }),
    change('auth.logout', { refresh_token: 'x'.repeat(43) }),
    change('web.login', credentials),
    change('web.register', credentials),
    change('web.logout', {}),
    query('web.session'),
    query('account.me'),
    change('account.changePassword', { current_password: password, new_password: password }),
    query('account.devices'),
    change('account.signOut', { id: 'fam_1' }),
    query('account.usage', { time_zone: 'Europe/Berlin' }),
    query('account.sessions', { limit: 10, cursor: 'ses_1' }),
    query('billing.packages'),
    change('billing.checkout', { package_id: 'pack_500', idempotency_key: 'key' }),
    change('billing.verify', { session_id: 'cs_test_1' }),
    query('billing.balance'),
    watch('billing.onBalance', undefined),
    watch('sessions.onLive', { lastEventId: '1' }),
    query('nowhere.at.all', {}),
  ]
}
