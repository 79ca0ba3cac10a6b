import { createAccessTokens } from '../accounts/access-tokens.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { createAccounts } from '../accounts/accounts.ts'
import { createPasswordHasher } from '../accounts/password-hasher.ts'
import { createRefreshTokens } from '../accounts/refresh-tokens.ts'
import type { Ledger } from '../billing/ledger.ts'
import { createLedger } from '../billing/ledger.ts'
import { newId } from '../ids.ts'
import { createWebLogins } from '../accounts/web-logins.ts'
import type { Devices } from '../accounts/devices.ts'
import { createDevices } from '../accounts/devices.ts'
import type { WebLogins } from '../accounts/web-logins.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { createSessionStore } from '../sessions/session-store.ts'
import type { TestDatabase } from './test-database.ts'

export interface TestServices {
  readonly accounts: Accounts
  readonly webLogins: WebLogins
  readonly devices: Devices
  readonly ledger: Ledger
  readonly sessions: SessionStore
  /** Moves the services' clock. */
  advance(ms: number): void
}

/** The services as app.ts wires them, on a clock that only the test moves. */
export function createTestServices(
  { prisma }: TestDatabase,
  options: { readonly startingCreditMinutes?: number } = {},
): TestServices {
  let nowMs = Date.now()
  const now = (): number => nowMs
  const ledger = createLedger({ newId })
  const webLogins = createWebLogins({ prisma, newId, now, secret: 's'.repeat(32) })
  return {
    ledger,
    webLogins,
    devices: createDevices({ prisma, now }),
    accounts: createAccounts({
      prisma,
      ledger,
      newId,
      passwords: createPasswordHasher(),
      accessTokens: createAccessTokens({ secret: 's'.repeat(32), now }),
      refreshTokens: createRefreshTokens({ prisma, newId, now }),
      webLogins,
      startingCreditMinutes: options.startingCreditMinutes ?? 0,
    }),
    sessions: createSessionStore({ prisma, ledger, newId, now }),
    advance(ms) {
      nowMs += ms
    },
  }
}

/** Users whose books do not balance: sum of the ledger against available + held. Must be empty. */
export async function unbalancedUsers(database: TestDatabase): Promise<Record<string, unknown>[]> {
  return database.query(`
    SELECT b.user_id, b.available_ms + b.held_ms AS balance, coalesce(sum(l.delta_ms), 0) AS booked
    FROM credit_balance b LEFT JOIN usage_ledger l USING (user_id)
    GROUP BY b.user_id HAVING b.available_ms + b.held_ms <> coalesce(sum(l.delta_ms), 0)`)
}
