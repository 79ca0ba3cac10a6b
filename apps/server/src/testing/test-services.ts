import { createAccessTokens } from '../accounts/access-tokens.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { createAccounts } from '../accounts/accounts.ts'
import type { Devices } from '../accounts/devices.ts'
import { createDevices } from '../accounts/devices.ts'
import type { PasswordHasher } from '../accounts/password-hasher.ts'
import { createPasswordHasher } from '../accounts/password-hasher.ts'
import { createRefreshTokens } from '../accounts/refresh-tokens.ts'
import type { WebLogins } from '../accounts/web-logins.ts'
import { createWebLogins } from '../accounts/web-logins.ts'
import type { Leases, LeaseTerms } from '../billing/leases.ts'
import { createLeases } from '../billing/leases.ts'
import type { Ledger } from '../billing/ledger.ts'
import { createLedger } from '../billing/ledger.ts'
import { newId } from '../ids.ts'
import type { TestDatabase } from './test-database.ts'

export interface TestServices {
  readonly accounts: Accounts
  readonly webLogins: WebLogins
  readonly devices: Devices
  readonly ledger: Ledger
  /** The leases of one more server process on this database. */
  readonly newLeases: (terms?: Partial<LeaseTerms>) => Leases
  /** Moves the services' clock; leases live by the database's. */
  advance(ms: number): void
}

const testTerms: LeaseTerms = {
  leaseMs: 60_000,
  settleEveryMs: 600_000,
  expiryMs: 15_000,
  staleMs: 2500,
  sessionsMaxPerUser: 2,
}

/** The services as app.ts wires them, on a clock that only the test moves. */
export function createTestServices(
  { prisma }: TestDatabase,
  options: {
    readonly startingCreditMinutes?: number
    readonly passwords?: PasswordHasher
  } = {},
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
      passwords: options.passwords ?? createPasswordHasher(),
      accessTokens: createAccessTokens({ secret: 's'.repeat(32), now }),
      refreshTokens: createRefreshTokens({ prisma, newId, now }),
      webLogins,
      startingCreditMinutes: options.startingCreditMinutes ?? 0,
    }),
    newLeases: (terms) =>
      createLeases({
        prisma,
        ledger,
        newId,
        instance: newId('srv'),
        terms: { ...testTerms, ...terms },
      }),
    advance(ms) {
      nowMs += ms
    },
  }
}
