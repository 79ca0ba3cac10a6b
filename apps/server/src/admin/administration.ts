import type { LeaseTerms } from '../billing/leases.ts'
import { createLeaseRows } from '../billing/lease-rows.ts'
import type { Ledger } from '../billing/ledger.ts'
import type { Costs } from '../billing/margins.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import type { SessionList } from '../usage/session-list.ts'
import { createSessionList } from '../usage/session-list.ts'
import { requireAdmin } from './admin-actor.ts'
import { createAdminChanges } from './admin-changes.ts'
import type { AuditLog } from './audit-log.ts'
import { createAuditLog } from './audit-log.ts'
import type { CreditAdjustments } from './credit-adjustments.ts'
import { createCreditAdjustments } from './credit-adjustments.ts'
import type { DailyMargins } from './daily-margins.ts'
import { createDailyMargins } from './daily-margins.ts'
import type { LiveSessions } from './live-sessions.ts'
import { createLiveSessions } from './live-sessions.ts'
import type { UserAccess } from './user-access.ts'
import { createUserAccess } from './user-access.ts'
import type { UserDirectory } from './user-directory.ts'
import { createUserDirectory } from './user-directory.ts'

/** What administrators can do: the same for the API and for the command line. */
export interface Administration {
  /** @throws AppError `forbidden` where this user is no administrator, or is blocked */
  requireAdmin(userId: string): Promise<void>
  readonly users: UserDirectory
  readonly userSessions: SessionList
  readonly liveSessions: LiveSessions
  readonly credits: CreditAdjustments
  readonly access: UserAccess
  readonly margins: DailyMargins
  readonly audit: AuditLog
}

export interface AdministrationDeps {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly newId: NewId
  /** Epoch, ms. */
  readonly now: () => number
  readonly costs: Costs
  /** Those of the servers: after which silence a process is dead. */
  readonly terms: Pick<LeaseTerms, 'expiryMs' | 'staleMs' | 'sessionsMaxPerUser'>
}

export function createAdministration(deps: AdministrationDeps): Administration {
  const { prisma, ledger, newId, now } = deps
  // It asks other processes to end their leases, and holds none of its own.
  const rows = createLeaseRows({ ledger, instance: '', terms: deps.terms })
  const changes = createAdminChanges({ prisma, newId })
  return {
    requireAdmin: async (userId) => requireAdmin(prisma, userId),
    users: createUserDirectory({ prisma }),
    userSessions: createSessionList({ prisma }),
    liveSessions: createLiveSessions({ prisma, ledger, rows, changes }),
    credits: createCreditAdjustments({ ledger, changes, newId }),
    access: createUserAccess({ ledger, rows, changes, now }),
    margins: createDailyMargins({ prisma, costs: deps.costs, now }),
    audit: createAuditLog({ prisma }),
  }
}
