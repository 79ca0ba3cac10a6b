import type { Db } from '../database/database.ts'
import { endSessionRow, forbidResume } from '../sessions/session-rows.ts'
import type { Ledger } from './ledger.ts'
import { toMs } from './ledger.ts'
import type { LeaseTerms, Progress, StopReason } from './leases.ts'

/** An active lease, as it is in the books. */
export interface LeaseRow {
  readonly session_id: string
  readonly seq: number
  readonly start_ms: bigint
  readonly granted_ms: bigint
  readonly used_ms: bigint
  readonly taken_over: boolean
  readonly stop_reason: StopReason | null
  readonly expires_at: Date
}

/** Which leases a process settles for others: those that expired, or also those that did not. */
export type ReapScope = 'expired' | 'everything'

/**
 * Single leases, inside the caller's transaction, in which the user's balance is locked. Lease rows
 * are also locked by heartbeats, which lock many and no balance: so nobody waits for a lease while
 * holding another.
 */
export interface LeaseRows {
  insert(
    db: Db,
    lease: {
      readonly sessionId: string
      readonly seq: number
      readonly userId: string
      readonly startMs: number
      readonly grantedMs: number
      readonly progress: Progress
    },
  ): Promise<void>
  /** This process's lease of the session; undefined where it has none any more. */
  own(db: Db, sessionId: string): Promise<LeaseRow | undefined>
  /** Ends the lease with its ledger entry. */
  close(
    db: Db,
    userId: string,
    lease: LeaseRow,
    end: {
      readonly usedMs: number
      readonly state: 'settled' | 'reaped'
      readonly description: string
      /** Default: as of the last heartbeat. */
      readonly progress?: Progress | undefined
    },
  ): Promise<void>
  /** Credits audio of this lease's session whose words never came; nothing for 0 ms or less. Once. */
  giveBack(
    db: Db,
    userId: string,
    lease: Pick<LeaseRow, 'session_id' | 'seq'>,
    creditedMs: number,
  ): Promise<void>
  /**
   * Asks the process that runs this session of the user to settle it; where that one has not been
   * heard of lately, the session ends here, at its last heartbeat.
   * @param stopReason why, where no other session takes its place
   * @returns whether the session is still to be settled
   */
  takeOver(db: Db, userId: string, sessionId: string, stopReason?: StopReason): Promise<boolean>
  /**
   * Where the user has as many sessions as they may, the one whose client has been away for longest
   * makes room, if there is such a one: it is asked to end.
   * @returns how many others there are
   */
  makeRoom(db: Db, userId: string): Promise<number>
  /**
   * For a user whose sessions hold all that is left: where none is being settled already, the one
   * whose client has been away for longest is asked to end.
   * @returns whether credit is about to be free
   */
  freeCredit(db: Db, userId: string): Promise<boolean>
  /**
   * Ends the user's sessions whose leases expired, or everything, at their last heartbeat. Skips
   * what a heartbeat is just writing: that is not dead.
   * @returns how many there were
   */
  reapOf(db: Db, userId: string, which: ReapScope): Promise<number>
}

export function createLeaseRows(deps: {
  readonly ledger: Pick<Ledger, 'settle' | 'grant'>
  readonly instance: string
  readonly terms: Pick<LeaseTerms, 'expiryMs' | 'staleMs' | 'sessionsMaxPerUser'>
}): LeaseRows {
  const { ledger, instance, terms } = deps
  const expiryS = terms.expiryMs / 1000
  /** How long before its expiry a lease has missed its heartbeats. */
  const staleS = Math.max(0, terms.expiryMs - terms.staleMs) / 1000

  const close: LeaseRows['close'] = async (db, userId, lease, end) => {
    const { session_id: sessionId, seq } = lease
    const { usedMs, state, description, progress } = end
    await ledger.settle(db, {
      userId,
      sessionId,
      heldMs: toMs(lease.granted_ms),
      usedMs,
      ref: `lease:${sessionId}:${seq}`,
      description,
    })
    await db.$executeRaw`
      UPDATE "leases" SET "state" = ${state}, "used_ms" = ${BigInt(usedMs)}, "settled_at" = now(),
        "heard_ms" = coalesce(${progress?.heardMs ?? null}::bigint, "heard_ms"),
        "horizon_ms" = coalesce(${progress?.horizonMs ?? null}::bigint, "horizon_ms"),
        "replayed_ms" = coalesce(${progress?.replayedMs ?? null}::bigint, "replayed_ms")
      WHERE "session_id" = ${sessionId} AND "seq" = ${seq}`
  }

  async function reap(db: Db, userId: string, lease: LeaseRow): Promise<void> {
    const usedMs = toMs(lease.used_ms)
    await close(db, userId, lease, { usedMs, state: 'reaped', description: 'Captions, cut off' })
    const audioMs = toMs(lease.start_ms) + usedMs
    // The client was cut off at the last heartbeat, as far as anybody knows.
    const cutAt = new Date(lease.expires_at.getTime() - terms.expiryMs)
    const reason = lease.stop_reason ?? 'lease_lost'
    await endSessionRow(db, lease.session_id, { usedMs: audioMs, reason, cutAt })
  }

  async function takeOver(
    db: Db,
    userId: string,
    sessionId: string,
    stopReason?: StopReason,
  ): Promise<boolean> {
    const [lease] = await db.$queryRaw<(LeaseRow & { is_stale: boolean })[]>`
      UPDATE "leases" SET "taken_over" = true,
        "stop_reason" = coalesce("stop_reason", ${stopReason ?? null})
      WHERE "session_id" = ${sessionId} AND "state" = 'active' AND "user_id" = ${userId}
      RETURNING "session_id", "seq", "start_ms", "granted_ms", "used_ms", "taken_over",
        "stop_reason", "expires_at", "expires_at" <= now() + ${staleS} * interval '1 s' AS "is_stale"`
    if (lease?.is_stale) await reap(db, userId, lease)
    return lease !== undefined && !lease.is_stale
  }

  /** The one whose client has been away for longest comes first. */
  async function liveOf(db: Db, userId: string) {
    return db.$queryRaw<{ session_id: string; taken_over: boolean; is_cut: boolean }[]>`
      SELECT "l"."session_id", "l"."taken_over", "s"."cut_at" IS NOT NULL AS "is_cut"
      FROM "leases" AS "l"
      JOIN "transcription_sessions" AS "s" ON "s"."id" = "l"."session_id"
      WHERE "l"."user_id" = ${userId} AND "l"."state" = 'active'
      ORDER BY "s"."cut_at"`
  }

  async function giveUp(db: Db, userId: string, sessionId: string): Promise<void> {
    await takeOver(db, userId, sessionId)
    await forbidResume(db, userId, sessionId)
  }

  return {
    async insert(db, { sessionId, seq, userId, startMs, grantedMs, progress }) {
      // Not now(): that is when the transaction began, and it may have waited for the user's lock.
      await db.$executeRaw`
        INSERT INTO "leases"
          ("session_id", "seq", "user_id", "instance", "start_ms", "granted_ms",
            "heard_ms", "horizon_ms", "replayed_ms", "expires_at")
        VALUES (${sessionId}, ${seq}, ${userId}, ${instance},
          ${BigInt(startMs)}, ${BigInt(grantedMs)},
          ${progress.heardMs}::bigint, ${progress.horizonMs}::bigint, ${progress.replayedMs}::bigint,
          clock_timestamp() + ${expiryS} * interval '1 s')`
    },
    async own(db, sessionId) {
      const [lease] = await db.$queryRaw<LeaseRow[]>`
        SELECT "session_id", "seq", "start_ms", "granted_ms", "used_ms", "taken_over", "stop_reason",
          "expires_at"
        FROM "leases"
        WHERE "session_id" = ${sessionId} AND "state" = 'active' AND "instance" = ${instance}
        FOR UPDATE`
      return lease
    },
    close,
    async giveBack(db, userId, { session_id: sessionId, seq }, creditedMs) {
      if (creditedMs <= 0) return
      await ledger.grant(db, {
        userId,
        sessionId,
        kind: 'upstream_failure_credit',
        amountMs: creditedMs,
        // A session that is resumed may lose its backend again.
        ref: `upstream_failure:${sessionId}:${seq}`,
        description: 'Audio whose words never came',
      })
    },
    takeOver,
    async makeRoom(db, userId) {
      const live = (await liveOf(db, userId)).filter(({ taken_over }) => !taken_over)
      const [oldest] = live
      if (!oldest?.is_cut || live.length < terms.sessionsMaxPerUser) return live.length
      await giveUp(db, userId, oldest.session_id)
      return live.length - 1
    },
    async freeCredit(db, userId) {
      const live = await liveOf(db, userId)
      const ending = live.filter(({ taken_over }) => taken_over)
      // Again: by now its process may be known to be dead.
      for (const { session_id } of ending) await takeOver(db, userId, session_id)
      if (ending.length > 0) return true
      const [oldest] = live
      if (!oldest?.is_cut) return false
      await giveUp(db, userId, oldest.session_id)
      return true
    },
    async reapOf(db, userId, which) {
      const leases = await db.$queryRaw<LeaseRow[]>`
        SELECT "session_id", "seq", "start_ms", "granted_ms", "used_ms", "taken_over", "stop_reason",
          "expires_at"
        FROM "leases"
        WHERE "user_id" = ${userId} AND "state" = 'active'
          AND ("expires_at" <= now() OR ${which === 'everything'})
        FOR UPDATE SKIP LOCKED`
      for (const lease of leases) await reap(db, userId, lease)
      return leases.length
    },
  }
}
