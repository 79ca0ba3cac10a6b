import type { Db } from '../database/database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { ProviderReceipt } from '../sessions/session-rows.ts'
import { addReceipt, reopenSessionRow } from '../sessions/session-rows.ts'
import type { LeaseRow, LeaseRows } from './lease-rows.ts'
import type { Cover, LeaseRefusal, LeaseTerms, Progress } from './leases.ts'
import type { Ledger } from './ledger.ts'
import { toMs } from './ledger.ts'

/** Who wants to go on with which session, and by which right. */
export interface ResumeRequest {
  readonly userId: string
  readonly sessionId: string
  /**
   * Of the token that the client shows. Where the session is resumed it is used up as soon as the
   * client has shown that it has the next one.
   */
  readonly tokenHash: string
  /** Of the token that it is given for the next time. */
  readonly nextTokenHash: string
  /** A session whose client has been away for longer is not resumed, ms. */
  readonly windowMs: number
  /** Of what a session was billed, so much may be replayed for free without a further allowance. */
  readonly replayFreeShare: number
}

export interface ResumedLease extends Cover {
  readonly sessionId: string
  /** Billed before this, ms. */
  readonly billedMs: number
  readonly progress: Progress
  /** More audio than `heardMs` may have been heard, but never more than up to here, ms. */
  readonly heardMaxMs: number
  /** How long the client was away. */
  readonly awayMs: number
  /** What other sessions of the user, begun within a day, replayed for free beyond their share. */
  readonly replayedElsewhereMs: number
}

export type LeaseResumed =
  | ({ readonly outcome: 'resumed' } & ResumedLease)
  | LeaseRefusal
  /** The token is used, too old, or not this session's. */
  | { readonly outcome: 'not_resumable' }

/** What the books say of a session's client. */
export interface ResumeNote {
  readonly isCut: boolean
  /** Of a new token; default: it stays. */
  readonly tokenHash?: string | undefined
  /** Of the one before it, which is good for as long; null: not any more; default: it stays. */
  readonly tokenHashBefore?: string | null | undefined
}

export interface LeaseResume {
  /**
   * Goes on with a session under a new lease of this process, in the same row. Where another process
   * still runs it, that one is asked to settle it: `taking_over` until it has, or is taken for dead.
   */
  resume(request: ResumeRequest): Promise<LeaseResumed>
  /** Whether the client of a session of this process is away, and which token it holds. */
  note(sessionId: string, note: ResumeNote): Promise<void>
  /** What became known of a session of this process only after it had been settled. Idempotent. */
  amend(amendment: Amendment): Promise<void>
}

export interface Amendment {
  readonly sessionId: string
  readonly userId: string
  readonly receipt: ProviderReceipt | undefined
  /**
   * Up to where the words came, ms, where the backend failed before the end. What was heard beyond
   * is given back, unless the session goes on already: there the same audio is free.
   */
  readonly goodMs: number | undefined
}

interface LastLease extends LeaseRow {
  readonly state: string
  readonly heard_ms: bigint
  readonly horizon_ms: bigint
  readonly replayed_ms: bigint
}

export function createLeaseResume(deps: {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly rows: LeaseRows
  readonly instance: string
  readonly terms: LeaseTerms
}): LeaseResume {
  const { prisma, ledger, rows, instance, terms } = deps

  async function replayedElsewhere(db: Db, { userId, sessionId, replayFreeShare }: ResumeRequest) {
    const [row] = await db.$queryRaw<{ ms: number }[]>`
      SELECT coalesce(sum(GREATEST(0, "last"."replayed_ms" - "last"."billed_ms" * ${replayFreeShare}::float8)), 0)
        AS "ms"
      FROM "transcription_sessions" AS "s" CROSS JOIN LATERAL (
        SELECT "l"."replayed_ms", "l"."start_ms" + "l"."used_ms" AS "billed_ms" FROM "leases" AS "l"
        WHERE "l"."session_id" = "s"."id" ORDER BY "l"."seq" DESC LIMIT 1
      ) AS "last"
      WHERE "s"."user_id" = ${userId} AND "s"."id" <> ${sessionId}
        AND "s"."started_at" > now() - interval '1 day'`
    return Math.ceil(row?.ms ?? 0)
  }

  return {
    async resume(request) {
      const { userId, sessionId, tokenHash, nextTokenHash, windowMs } = request
      return prisma.$transaction(async (db): Promise<LeaseResumed> => {
        const notResumable = { outcome: 'not_resumable' } as const
        await ledger.lock(db, userId)
        const [right] = await db.$queryRaw<
          { away_ms: number | null; leases: number; is_blocked: boolean }[]
        >`
          SELECT extract(epoch FROM clock_timestamp() - "cut_at")::float8 * 1000 AS "away_ms", (
            SELECT count(*)::int FROM "leases" WHERE "user_id" = ${userId} AND "state" = 'active'
          ) AS "leases", (
            SELECT "blocked_at" IS NOT NULL FROM "users" WHERE "id" = ${userId}
          ) AS "is_blocked"
          FROM "transcription_sessions"
          WHERE "id" = ${sessionId} AND "user_id" = ${userId}
            AND ${tokenHash} IN ("resume_token_hash", "resume_token_hash_before") FOR UPDATE`
        if (!right || (right.away_ms ?? 0) > windowMs) return notResumable
        if (right.is_blocked) return { outcome: 'account_blocked' }
        let awayMs = right.away_ms ?? undefined
        let live = 0
        // None after a server that ended in order: then all its users come at once, and need not ask.
        if (right.leases > 0) {
          if (await rows.takeOver(db, userId, sessionId)) return { outcome: 'taking_over' }
          await rows.reapOf(db, userId, 'expired')
          // Where its process has just been found dead, only now is it known since when.
          const [cut] = await db.$queryRaw<{ away_ms: number | null }[]>`
            SELECT extract(epoch FROM clock_timestamp() - "cut_at")::float8 * 1000 AS "away_ms"
            FROM "transcription_sessions" WHERE "id" = ${sessionId}`
          awayMs = cut?.away_ms ?? undefined
          live = await rows.makeRoom(db, userId)
        }
        if (awayMs === undefined || awayMs > windowMs) return notResumable
        if (live >= terms.sessionsMaxPerUser) return { outcome: 'too_many_connections' }
        const [last] = await db.$queryRaw<LastLease[]>`
          SELECT * FROM "leases" WHERE "session_id" = ${sessionId} ORDER BY "seq" DESC LIMIT 1`
        if (!last) return notResumable
        const { heldMs, availableMs } = await ledger.hold(db, userId, terms.leaseMs)
        if (heldMs === 0) {
          if (await rows.freeCredit(db, userId)) return { outcome: 'taking_over' }
          return { outcome: live > 0 ? 'credit_in_use' : 'insufficient_credits' }
        }
        const billedMs = toMs(last.start_ms) + toMs(last.used_ms)
        const progress = {
          heardMs: toMs(last.heard_ms),
          horizonMs: toMs(last.horizon_ms),
          replayedMs: toMs(last.replayed_ms),
        }
        await rows.insert(db, {
          sessionId,
          seq: last.seq + 1,
          userId,
          startMs: billedMs,
          grantedMs: heldMs,
          progress,
        })
        await reopenSessionRow(db, sessionId, nextTokenHash, tokenHash)
        return {
          outcome: 'resumed',
          sessionId,
          coveredMs: billedMs + heldMs,
          availableMs,
          billedMs,
          progress,
          // Since the last heartbeat of a process that died.
          heardMaxMs: progress.heardMs + (last.state === 'reaped' ? terms.staleMs : 0),
          awayMs: Math.max(0, Math.round(awayMs)),
          replayedElsewhereMs: await replayedElsewhere(db, request),
        }
      })
    },

    async note(sessionId, { isCut, tokenHash, tokenHashBefore }) {
      await prisma.$executeRaw`
        UPDATE "transcription_sessions" SET
          "resume_token_hash" = coalesce(${tokenHash ?? null}, "resume_token_hash"),
          "resume_token_hash_before" = CASE WHEN ${tokenHashBefore === undefined}
            THEN "resume_token_hash_before" ELSE ${tokenHashBefore ?? null}::text END,
          "cut_at" = CASE WHEN ${isCut} THEN clock_timestamp() END
        WHERE "id" = ${sessionId} AND "resume_token_hash" IS NOT NULL AND EXISTS (
          SELECT FROM "leases" WHERE "session_id" = ${sessionId} AND "state" = 'active'
            AND "instance" = ${instance} AND NOT "taken_over")`
    },

    async amend({ sessionId, userId, receipt, goodMs }) {
      await prisma.$transaction(async (db) => {
        await ledger.lock(db, userId)
        if (receipt) await addReceipt(db, sessionId, receipt)
        if (goodMs === undefined) return
        const [last] = await db.$queryRaw<(LastLease & { readonly instance: string })[]>`
          SELECT * FROM "leases" WHERE "session_id" = ${sessionId} ORDER BY "seq" DESC LIMIT 1`
        if (!last || last.state !== 'settled' || last.instance !== instance) return
        await rows.giveBack(db, userId, last, toMs(last.heard_ms) - goodMs)
        await db.$executeRaw`
          UPDATE "leases" SET "heard_ms" = LEAST("heard_ms", ${BigInt(goodMs)})
          WHERE "session_id" = ${sessionId} AND "seq" = ${last.seq}`
      })
    },
  }
}
