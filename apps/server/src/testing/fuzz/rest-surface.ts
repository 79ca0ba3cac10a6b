import { exchangeHttp } from './http-exchange.ts'
import type { HttpSeed } from './http-requests.ts'
import { mutateRequest } from './http-requests.ts'
import type { FuzzTarget, Surface, SurfaceOptions } from './surface.ts'
import { AT_ONCE, judgeAnswer } from './surface.ts'

/** A token may be used up, and lives for 15 minutes. */
const CASES_PER_TOKEN = 5000

/** Every path of the REST mirror, the pages, and some that are none. */
export const restSurface: Surface = {
  name: 'rest',
  run: async (target, options) => runHttp(target, options, restSeeds(target)),
}

/** Sends mutations of these requests, as nobody, with a cookie, and with an access token. */
export async function runHttp(
  target: FuzzTarget,
  { cases, random, witness }: SurfaceOptions,
  seeds: readonly HttpSeed[],
): Promise<void> {
  const { host } = new URL(target.url)
  for (let done = 0; done < cases; done += CASES_PER_TOKEN) {
    const token = await target.newToken()
    const callers = [
      [`Authorization: Bearer ${token}`],
      [`Authorization: Bearer ${token}`],
      [`Cookie: ${target.cookie}`],
      [],
    ] as const
    let left = Math.min(CASES_PER_TOKEN, cases - done)
    await exchangeHttp(
      target.url,
      AT_ONCE,
      () => {
        if (left-- <= 0) return undefined
        const seed = random.pick(seeds)
        return mutateRequest(random, seed, host, random.pick(callers))
      },
      judgeAnswer(witness),
    )
  }
}

function restSeeds({ password }: FuzzTarget): HttpSeed[] {
  const email = 'fuzz@example.org'
  const post = (path: string, body: unknown): HttpSeed => ({ method: 'POST', path, body })
  const get = (path: string, query: Record<string, string> = {}): HttpSeed => ({
    method: 'GET',
    path,
    query,
  })
  return [
    post('/auth/login', { email, password, device_name: 'PC' }),
    post('/auth/register', { email, password, device_name: 'PC' }),
    post('/auth/refresh', { refresh_token: 'x'.repeat(43) }),
    post('/auth/logout', { refresh_token: 'x'.repeat(43) }),
    post('/account/password', { current_password: password, new_password: password }),
    post('/account/devices/sign-out-all', {}),
    post('/billing/checkout', { package_id: 'pack_500', idempotency_key: 'key' }),
    post('/billing/checkout', { amount_cents: 500 }),
    post('/billing/verify', { session_id: 'cs_test_1' }),
    { method: 'DELETE', path: '/account/devices/fam_1' },
    get('/account/me'),
    get('/account/devices'),
    get('/account/usage', { time_zone: 'Europe/Berlin' }),
    get('/account/sessions', { limit: '10', cursor: 'ses_1' }),
    get('/account/usage.csv'),
    get('/billing/packages'),
    get('/billing/balance'),
    get('/health'),
    get('/docs'),
    get('/openapi.json'),
    get('/'),
    get('/assets/index.js'),
    get('/nowhere'),
    { method: 'HEAD', path: '/account/me' },
  ]
}
