import { AppError } from '../app-error.ts'
import type { Db } from '../database/database.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Actor } from './admin-actor.ts'
import type { Page, PageRequest } from './page.ts'
import { toPage } from './page.ts'

export type AuditAction =
  | 'credits_adjusted'
  | 'session_ended'
  | 'user_blocked'
  | 'user_unblocked'
  | 'role_granted'
  | 'role_revoked'

/** What was done, to whom, and why. */
export interface AuditFacts {
  readonly action: AuditAction
  readonly userId: string
  readonly sessionId?: string
  /** 3 to 500 characters. */
  readonly reason: string
  /** What of it changed. */
  readonly before?: AuditState
  readonly after?: AuditState
}
export type AuditState = Readonly<Record<string, string | number | null>>

export interface AuditEntry {
  readonly id: string
  readonly recordedAt: Date
  /** Null for the command line. */
  readonly actor: { readonly id: string; readonly email: string } | null
  /** Of the command line's user at the operating system; null for an administrator. */
  readonly osUser: string | null
  readonly action: AuditAction
  readonly subject: { readonly id: string; readonly email: string }
  readonly sessionId: string | null
  readonly reason: string
  readonly before: AuditState | null
  readonly after: AuditState | null
  readonly requestId: string | null
}

export interface AuditLog {
  /**
   * Newest first.
   * @param request.userId only what was done to this user
   * @throws AppError `bad_request` for a cursor that was made up
   */
  page(request: PageRequest & { readonly userId?: string | undefined }): Promise<Page<AuditEntry>>
}

/** Within the transaction of the change. */
export async function insertAuditEntry(
  db: Db,
  id: string,
  actor: Actor,
  facts: AuditFacts,
): Promise<void> {
  const json = (state: AuditState | undefined) => (state ? JSON.stringify(state) : null)
  const byUser = actor.kind === 'user' ? actor : undefined
  const osUser = actor.kind === 'user' ? null : actor.osUser
  await db.$executeRaw`
    INSERT INTO "admin_audit_entries" ("id", "actor_user_id", "os_user", "action",
      "subject_user_id", "subject_session_id", "reason", "before", "after", "request_id")
    VALUES (${id}, ${byUser?.userId ?? null}, ${osUser}, ${facts.action},
      ${facts.userId}, ${facts.sessionId ?? null}, ${facts.reason},
      ${json(facts.before)}::jsonb, ${json(facts.after)}::jsonb, ${byUser?.requestId ?? null})`
}

interface Row {
  readonly id: string
  readonly recorded_at: Date
  readonly actor_user_id: string | null
  readonly actor_email: string | null
  readonly os_user: string | null
  readonly action: AuditAction
  readonly subject_user_id: string
  readonly subject_email: string
  readonly subject_session_id: string | null
  readonly reason: string
  readonly before: AuditState | null
  readonly after: AuditState | null
  readonly request_id: string | null
}

export function createAuditLog({ prisma }: { readonly prisma: PrismaClient }): AuditLog {
  async function after(cursor: string): Promise<Prisma.Sql> {
    const last = await prisma.adminAuditEntry.findUnique({ where: { id: cursor } })
    if (!last) throw new AppError('bad_request', 'This cursor is unknown. Begin without one.')
    return Prisma.sql`AND (e."recorded_at", e."id") < (${last.recordedAt}, ${cursor})`
  }

  return {
    async page({ cursor, limit, userId }) {
      const beginning = cursor === undefined ? Prisma.empty : await after(cursor)
      const subject =
        userId === undefined ? Prisma.empty : Prisma.sql`AND e."subject_user_id" = ${userId}`
      const rows = await prisma.$queryRaw<Row[]>`
        SELECT e.*, a."email" AS "actor_email", s."email" AS "subject_email"
        FROM "admin_audit_entries" e
        JOIN "users" s ON s."id" = e."subject_user_id"
        LEFT JOIN "users" a ON a."id" = e."actor_user_id"
        WHERE true ${subject} ${beginning}
        ORDER BY e."recorded_at" DESC, e."id" DESC LIMIT ${limit + 1}`
      return toPage(rows.map(toEntry), limit)
    },
  }
}

function toEntry(row: Row): AuditEntry {
  const { actor_user_id: actorId, actor_email: actorEmail } = row
  return {
    id: row.id,
    recordedAt: row.recorded_at,
    actor: actorId === null ? null : { id: actorId, email: actorEmail ?? '' },
    osUser: row.os_user,
    action: row.action,
    subject: { id: row.subject_user_id, email: row.subject_email },
    sessionId: row.subject_session_id,
    reason: row.reason,
    before: row.before,
    after: row.after,
    requestId: row.request_id,
  }
}
