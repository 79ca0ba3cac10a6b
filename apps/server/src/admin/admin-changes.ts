import type { Db } from '../database/database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import type { Actor } from './admin-actor.ts'
import { requireAdmin } from './admin-actor.ts'
import type { AuditFacts } from './audit-log.ts'
import { insertAuditEntry } from './audit-log.ts'

/** Sets this lock apart from PostgreSQL's other advisory locks. Any number. */
const ADMIN_CHANGES = 1_094_995_278

/** What a change came to; without an entry where nothing had to be changed. */
export interface Changed<T> {
  readonly result: T
  readonly entry?: AuditFacts | undefined
}

export interface AdminChanges {
  /**
   * One change and its entry in the audit log: both are committed, or neither. Changes of all servers
   * take turns, and who makes one is an administrator at that moment: of two that take each other's
   * role away, the second finds its own gone.
   * @throws AppError `forbidden`
   */
  make<T>(actor: Actor, change: (db: Db) => Promise<Changed<T>>): Promise<T>
}

export function createAdminChanges(deps: {
  readonly prisma: PrismaClient
  readonly newId: NewId
}): AdminChanges {
  return {
    async make(actor, change) {
      return deps.prisma.$transaction(async (db) => {
        await db.$executeRaw`SELECT pg_advisory_xact_lock(${ADMIN_CHANGES}::bigint)`
        if (actor.kind === 'user') await requireAdmin(db, actor.userId)
        const { result, entry } = await change(db)
        if (entry) await insertAuditEntry(db, deps.newId('adt'), actor, entry)
        return result
      })
    },
  }
}
