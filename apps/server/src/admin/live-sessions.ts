import { AppError } from '../app-error.ts'
import type { LeaseRows } from '../billing/lease-rows.ts'
import type { StopReason } from '../billing/leases.ts'
import type { Ledger } from '../billing/ledger.ts'
import { toMs } from '../billing/ledger.ts'
import type { Db } from '../database/database.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { forbidResume } from '../sessions/session-rows.ts'
import type { Actor } from './admin-actor.ts'
import type { AdminChanges } from './admin-changes.ts'
import type { Page, PageRequest } from './page.ts'
import { toPage } from './page.ts'

/** A transcription that is running, on whichever server process. */
export interface LiveSession {
  readonly id: string
  readonly userId: string
  readonly email: string
  readonly backend: string
  readonly model: string | null
  readonly startedAt: Date
  /** Audio billed, as of the last heartbeat, ms. */
  readonly usedMs: number
  /** The start of a server process that runs it: `srv_…` */
  readonly instance: string
  /** Without a heartbeat until then, its process is taken for dead. */
  readonly expiresAt: Date
  /** Its client was cut off, and may come back. */
  readonly isInterrupted: boolean
  /** Its process has been asked to end it. */
  readonly isEnding: boolean
}

/** `ending`: its process does so within a heartbeat or two. `ended`: that process is gone. */
export type SessionStop = 'ending' | 'ended'

/** The sessions of all users on all server processes, for administrators. */
export interface LiveSessions {
  /**
   * Newest first.
   * @throws AppError `bad_request` for a cursor that was made up
   */
  page(request: PageRequest): Promise<Page<LiveSession>>
  /**
   * Ends a session wherever it runs; its client cannot resume it. Asking again changes nothing.
   * @throws AppError `forbidden`, `not_found` where it does not run (any more)
   */
  end(
    actor: Actor,
    wish: { readonly sessionId: string; readonly reason: string },
  ): Promise<SessionStop>
}

/**
 * Within a transaction that has locked the user's balance: the process of each running session is
 * asked to end it, or where that one is dead, it ends here.
 */
export async function stopSessions(
  db: Db,
  rows: Pick<LeaseRows, 'takeOver'>,
  userId: string,
  sessionIds: readonly string[],
  reason: StopReason,
): Promise<SessionStop> {
  let isEnding = false
  for (const sessionId of sessionIds) {
    if (await rows.takeOver(db, userId, sessionId, reason)) isEnding = true
    await forbidResume(db, userId, sessionId)
  }
  return isEnding ? 'ending' : 'ended'
}

interface Row {
  readonly id: string
  readonly user_id: string
  readonly email: string
  readonly backend: string
  readonly model: string | null
  readonly started_at: Date
  readonly used_ms: bigint
  readonly instance: string
  readonly expires_at: Date
  readonly is_cut: boolean
  readonly taken_over: boolean
}

export function createLiveSessions(deps: {
  readonly prisma: PrismaClient
  readonly ledger: Pick<Ledger, 'lock'>
  readonly rows: Pick<LeaseRows, 'takeOver'>
  readonly changes: AdminChanges
}): LiveSessions {
  const { prisma, ledger, rows, changes } = deps

  async function after(cursor: string): Promise<Prisma.Sql> {
    const last = await prisma.transcriptionSession.findUnique({ where: { id: cursor } })
    if (!last) throw new AppError('bad_request', 'This cursor is unknown. Begin without one.')
    return Prisma.sql`AND (s."started_at", s."id") < (${last.startedAt}, ${cursor})`
  }

  return {
    async page({ cursor, limit }) {
      const beginning = cursor === undefined ? Prisma.empty : await after(cursor)
      const read = await prisma.$queryRaw<Row[]>`
        SELECT s."id", s."user_id", u."email", s."backend", s."model", s."started_at",
          l."start_ms" + l."used_ms" AS "used_ms", l."instance", l."expires_at",
          s."cut_at" IS NOT NULL AS "is_cut", l."taken_over"
        FROM "leases" l
        JOIN "transcription_sessions" s ON s."id" = l."session_id"
        JOIN "users" u ON u."id" = l."user_id"
        WHERE l."state" = 'active' ${beginning}
        ORDER BY s."started_at" DESC, s."id" DESC LIMIT ${limit + 1}`
      return toPage(read.map(toSession), limit)
    },

    async end(actor, { sessionId, reason }) {
      return changes.make<SessionStop>(actor, async (db) => {
        const session = await db.transcriptionSession.findUnique({ where: { id: sessionId } })
        if (!session) throw notRunning()
        const { userId } = session
        await ledger.lock(db, userId)
        const lease = await db.lease.findFirst({ where: { sessionId, state: 'active' } })
        if (!lease) throw notRunning()
        // Again where it was asked before: by now its process may be known to be dead.
        const stop = await stopSessions(db, rows, userId, [sessionId], 'ended_by_operator')
        if (lease.stopReason !== null) return { result: stop }
        const usedMs = toMs(lease.startMs + lease.usedMs)
        return {
          result: stop,
          entry: {
            action: 'session_ended',
            userId,
            sessionId,
            reason,
            before: { status: 'active', used_ms: usedMs },
            after: { status: stop },
          },
        }
      })
    },
  }
}

function toSession(row: Row): LiveSession {
  return {
    id: row.id,
    userId: row.user_id,
    email: row.email,
    backend: row.backend,
    model: row.model,
    startedAt: row.started_at,
    usedMs: toMs(row.used_ms),
    instance: row.instance,
    expiresAt: row.expires_at,
    isInterrupted: row.is_cut,
    isEnding: row.taken_over,
  }
}

function notRunning(): AppError {
  return new AppError('not_found', 'This session is not running. Reload the list of live sessions.')
}
