import { randomUUID } from 'node:crypto'
import type { inferRouterInputs } from '@trpc/server'
import { expect, test } from 'vitest'
import type { AppRouter } from '../api/router.ts'
import { createTestBrowser } from '../testing/test-browser.ts'
import { commandLine, createTestAdministration } from '../testing/test-administration.ts'
import { codeOf, reason, refusalOf, setAdminStage } from './testing/admin-stage.ts'

const stage = setAdminStage()

/** All that there are: a new one does not compile until it is here. */
const PROCEDURES = {
  users: 'query',
  user: 'query',
  userSessions: 'query',
  userLedger: 'query',
  liveSessions: 'query',
  margins: 'query',
  audit: 'query',
  endSession: 'mutation',
  adjustCredits: 'mutation',
  blockUser: 'mutation',
  unblockUser: 'mutation',
  setRole: 'mutation',
} as const satisfies Record<keyof inferRouterInputs<AppRouter>['admin'], 'query' | 'mutation'>

test('who is no administrator is told the same of everything, whether it exists or not', async () => {
  const admin = await stage.addAdmin()
  const { trpc, userId } = await stage.addUser()
  const ask = (id: string) => [
    trpc.admin.user.query({ user_id: id }),
    trpc.admin.userSessions.query({ user_id: id }),
    trpc.admin.userLedger.query({ user_id: id }),
    trpc.admin.users.query({ cursor: id }),
    trpc.admin.liveSessions.query({ cursor: id }),
    trpc.admin.audit.query({ user_id: id }),
    trpc.admin.margins.query({ days: -1 }),
    trpc.admin.endSession.mutate({ session_id: id, reason }),
    trpc.admin.blockUser.mutate({ user_id: id, reason }),
    trpc.admin.unblockUser.mutate({ user_id: id, reason: '' }),
    trpc.admin.setRole.mutate({ user_id: id, role: 'admin', reason }),
    trpc.admin.adjustCredits.mutate({
      user_id: id,
      delta_ms: 1,
      reason,
      idempotency_key: randomUUID(),
    }),
  ]
  const forbidden = { code: 'forbidden', message: 'Only administrators may do this.' }
  for (const id of [admin.userId, userId, 'usr_unknown', 'not an id!']) {
    const refusals = await Promise.all(ask(id).map(refusalOf))
    expect(refusals).toEqual(refusals.map(() => forbidden))
  }
  const stranger = stage.connect(stage.one.url)
  expect(await codeOf(stranger.admin.users.query({}))).toBe('unauthenticated')
})

test('every procedure of the administrators’ router is refused to others', async () => {
  const { token } = await stage.addUser()
  for (const [name, type] of Object.entries(PROCEDURES)) {
    const answer = await fetch(`${stage.one.url}/trpc/admin.${name}`, {
      method: type === 'query' ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(type === 'query' ? {} : { body: '{}' }),
    })
    expect([name, answer.status]).toEqual([name, 403])
  }
})

test('a role that was taken away ends with the next call, whatever the token was issued to', async () => {
  const admin = await stage.addAdmin()
  const other = await stage.addAdmin()
  expect((await admin.trpc.admin.users.query({})).rows.length).toBeGreaterThan(0)
  const wish = { user_id: admin.userId, role: 'user', reason } as const
  expect(await other.trpc.admin.setRole.mutate(wish)).toEqual({ outcome: 'changed' })
  expect(await codeOf(admin.trpc.admin.users.query({}))).toBe('forbidden')
})

test('an administrator can neither block himself nor take his own role away', async () => {
  const { trpc, userId } = await stage.addAdmin()
  await stage.addAdmin()
  expect(await codeOf(trpc.admin.blockUser.mutate({ user_id: userId, reason }))).toBe('forbidden')
  const wish = { user_id: userId, role: 'user', reason } as const
  expect(await codeOf(trpc.admin.setRole.mutate(wish))).toBe('forbidden')
  expect((await trpc.admin.user.query({ user_id: userId })).user).toMatchObject({
    role: 'admin',
    blocked_at: null,
  })
})

test('users are found by a part of their address or by id, and read in pages', async () => {
  const { trpc } = await stage.addAdmin()
  const users = [await stage.addUser(), await stage.addUser(), await stage.addUser()]
  const seen: string[] = []
  for (let cursor: string | undefined, page = 0; page === 0 || cursor; page++) {
    const answer = await trpc.admin.users.query({ limit: 2, ...(cursor ? { cursor } : {}) })
    seen.push(...answer.rows.map(({ id }) => id))
    cursor = answer.next_cursor ?? undefined
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.slice(0, 3)).toEqual(users.map(({ userId }) => userId).toReversed())
  const [user] = users
  const byId = await trpc.admin.users.query({ search: user?.userId ?? '' })
  expect(byId.rows).toMatchObject([{ id: user?.userId, available_ms: 3_600_000, held_ms: 0 }])
  const address = byId.rows[0]?.email ?? ''
  const byAddress = await trpc.admin.users.query({ search: address.slice(2, 20).toUpperCase() })
  expect(byAddress.rows).toEqual(byId.rows)
  expect((await trpc.admin.users.query({ search: '%' })).rows).toEqual([])
  expect(await codeOf(trpc.admin.users.query({ cursor: 'usr_made_up' }))).toBe('bad_request')
  expect(await codeOf(trpc.admin.user.query({ user_id: 'usr_unknown' }))).toBe('not_found')
})

test('credit is adjusted once per key, with the request on record', async () => {
  const admin = await stage.addAdmin()
  const user = await stage.addUser()
  const body = {
    user_id: user.userId,
    delta_ms: -600_000,
    reason: 'was given by mistake',
    idempotency_key: randomUUID(),
  }
  const send = async () =>
    fetch(`${stage.two.url}/trpc/admin.adjustCredits`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${admin.token}`,
        'content-type': 'application/json',
        'x-request-id': 'proxy-4711',
      },
      body: JSON.stringify(body),
    }).then(async (answer) => ((await answer.json()) as { result: { data: unknown } }).result.data)
  const balance = { available_ms: 3_000_000, held_ms: 0, owed_ms: 0 }
  expect(await send()).toEqual({ outcome: 'booked', balance })
  expect(await send()).toEqual({ outcome: 'already_booked', balance })
  expect(await user.trpc.account.me.query()).toMatchObject({ credits: { balance_ms: 3_000_000 } })
  expect((await admin.trpc.admin.audit.query({ user_id: user.userId })).rows).toMatchObject([
    {
      action: 'credits_adjusted',
      reason: 'was given by mistake',
      request_id: 'proxy-4711',
      actor: { id: admin.userId },
      before: { available_ms: 3_600_000 },
      after: { available_ms: 3_000_000 },
    },
  ])
  expect((await admin.trpc.admin.user.query({ user_id: user.userId })).ledger.rows).toMatchObject([
    { kind: 'operator_adjustment', delta_ms: -600_000 },
    { kind: 'starting_credit', delta_ms: 3_600_000 },
  ])
})

test.each([
  ['nothing to change', { delta_ms: 0 }],
  ['a fraction of a ms', { delta_ms: 1.5 }],
  ['30 years', { delta_ms: 1e12 }],
  ['hardly a reason', { reason: 'no' }],
  ['an essay', { reason: 'x'.repeat(501) }],
  ['two lines', { reason: 'two\nlines' }],
  ['a key that others may take, too', { idempotency_key: 'short' }],
])('an adjustment with %s is refused', async (_, wrong) => {
  const { trpc, userId } = await stage.addAdmin()
  const right = { user_id: userId, delta_ms: 1, reason, idempotency_key: randomUUID() }
  expect(await codeOf(trpc.admin.adjustCredits.mutate({ ...right, ...wrong }))).toBe('bad_request')
})

test('by cookie, a change needs the page’s own token', async () => {
  const browser = createTestBrowser(stage.one.url)
  const email = `${randomUUID()}@example.org`
  const login = await browser.call('web.register', { email, password: 'correct horse' })
  const { id } = login.data['user'] as { id: string }
  const wish = { userId: id, role: 'admin', reason } as const
  await createTestAdministration(stage.database).access.setRole(commandLine, wish)
  const block = { user_id: (await stage.addUser()).userId, reason }
  expect((await browser.call('admin.blockUser', block)).error?.code).toBe('forbidden')
  const headers = { 'x-csrf-token': String(login.data['csrf_token']) }
  expect((await browser.call('admin.blockUser', block, headers)).data).toMatchObject({
    outcome: 'blocked',
  })
})

test('administration is no part of the REST API', async () => {
  const { token } = await stage.addAdmin()
  const document = await (await fetch(`${stage.one.url}/openapi.json`)).text()
  expect(document).not.toMatch(/admin/i)
  for (const path of ['/admin/users', '/admin', '/admin.users']) {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const answer = await fetch(`${stage.one.url}${path}`, { headers })
    expect(answer.status).toBe(404)
  }
})
