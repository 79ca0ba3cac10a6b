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
    query('admin.users', { search: 'fuzz', limit: 10 }),
    query('admin.user', { user_id: 'usr_1' }),
    query('admin.userSessions', { user_id: 'usr_1', limit: 10 }),
    query('admin.userLedger', { user_id: 'usr_1', limit: 10 }),
    query('admin.liveSessions', { limit: 10 }),
    change('admin.endSession', { session_id: 'ses_1', reason: 'a reason' }),
    change('admin.adjustCredits', {
      user_id: 'usr_1',
      delta_ms: 60_000,
      reason: 'a reason',
      idempotency_key: 'key',
    }),
    change('admin.blockUser', { user_id: 'usr_1', reason: 'a reason' }),
    change('admin.unblockUser', { user_id: 'usr_1', reason: 'a reason' }),
    change('admin.setRole', { user_id: 'usr_1', role: 'user', reason: 'a reason' }),
    query('admin.margins', { days: 7 }),
    query('admin.audit', { limit: 10 }),
    query('nowhere.at.all', {}),
  ]
}
