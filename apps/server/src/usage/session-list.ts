import { AppError } from '../app-error.ts'
import { toMs } from '../billing/ledger.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** A transcription session, as its user is shown it. */
export interface SessionSummary {
  readonly id: string
  readonly startedAt: Date
  readonly endedAt: Date | null
  /** Audio charged for, net of what was credited back, ms; of a running one: so far. */
  readonly usedMs: number
  readonly status: 'active' | 'completed' | 'terminated'
  readonly endReason: string | null
  readonly backend: string
  readonly model: string | null
  readonly language: string | null
}

export interface SessionPage {
  /** Newest first. */
  readonly sessions: readonly SessionSummary[]
  /** Where the next page begins; null: this was the last one. */
  readonly nextCursor: string | null
}

/** A user's own sessions, in pages. */
export interface SessionList {
  /**
   * @param page.cursor of the page before. Sessions that began since do not move the pages.
   * @param page.limit sessions per page, above 0
   * @throws AppError `bad_request` for a cursor that was not this user's
   */
  page(
    userId: string,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<SessionPage>
}

interface Row {
  readonly id: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly status: SessionSummary['status']
  readonly end_reason: string | null
  readonly backend: string
  readonly model: string | null
  readonly language: string | null
  readonly used_ms: bigint
}

export function createSessionList({ prisma }: { readonly prisma: PrismaClient }): SessionList {
  /**
   * A cursor is the id of the last session shown. Sessions are never deleted, so one that is not
   * found was made up, or is somebody else's.
   */
  async function after(userId: string, cursor: string): Promise<Prisma.Sql> {
    const last = await prisma.transcriptionSession.findFirst({
      where: { id: cursor, userId },
      select: { startedAt: true },
    })
    if (!last) {
      throw new AppError('bad_request', 'This cursor is not one of yours. Begin without one.')
    }
    return Prisma.sql`AND (s."started_at", s."id") < (${last.startedAt}, ${cursor})`
  }

  return {
    async page(userId, { cursor, limit }) {
      const beginning = cursor === undefined ? Prisma.empty : await after(userId, cursor)
      // One more than is shown tells whether there is a next page.
      const rows = await prisma.$queryRaw<Row[]>`
        SELECT s.*, (charged."ms" + running."ms")::bigint AS "used_ms" FROM (
          SELECT s."id", s."started_at", s."ended_at", s."status", s."end_reason", s."backend",
            s."model", s."language"
          FROM "transcription_sessions" s
          WHERE s."user_id" = ${userId} ${beginning}
          ORDER BY s."started_at" DESC, s."id" DESC LIMIT ${limit + 1}
        ) s
        CROSS JOIN LATERAL (
          SELECT GREATEST(0, -coalesce(sum("delta_ms"), 0)) AS "ms" FROM "usage_ledger"
          WHERE "session_id" = s."id" AND "kind" IN ('session_usage', 'upstream_failure_credit')
        ) charged
        CROSS JOIN LATERAL (
          SELECT coalesce(sum("used_ms"), 0) AS "ms" FROM "leases"
          WHERE "session_id" = s."id" AND "state" = 'active'
        ) running
        ORDER BY s."started_at" DESC, s."id" DESC`
      const sessions = rows.slice(0, limit).map(toSummary)
      const hasMore = rows.length > limit
      return { sessions, nextCursor: hasMore ? (sessions.at(-1)?.id ?? null) : null }
    },
  }
}

function toSummary(row: Row): SessionSummary {
  return {
    id: row.id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    usedMs: toMs(row.used_ms),
    status: row.status,
    endReason: row.end_reason,
    backend: row.backend,
    model: row.model,
    language: row.language,
  }
}

/** Wall clock; null while it runs. */
export function durationMs({ startedAt, endedAt }: SessionSummary): number | null {
  return endedAt && endedAt.getTime() - startedAt.getTime()
}
