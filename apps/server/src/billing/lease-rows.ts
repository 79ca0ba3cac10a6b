import type { Db } from '../database/database.ts'
import { endSessionRow } from '../sessions/session-rows.ts'
import type { Ledger } from './ledger.ts'
import { toMs } from './ledger.ts'
import type { LeaseTerms } from './leases.ts'

/** An active lease, as it is in the books. */
export interface LeaseRow {
  readonly session_id: string
  readonly seq: number
  readonly start_ms: bigint
  readonly granted_ms: bigint
  readonly used_ms: bigint
  readonly taken_over: boolean
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
    lease: { sessionId: string; seq: number; userId: string; startMs: number; grantedMs: number },
  ): Promise<void>
  /** This process's lease of the session; undefined where it has none any more. */
  own(db: Db, sessionId: string): Promise<LeaseRow | undefined>
  /** Ends the lease with its ledger entry. */
  close(
    db: Db,
    userId: string,
    lease: LeaseRow,
    end: { usedMs: number; state: 'settled' | 'reaped'; description: string },
  ): Promise<void>
  /**
   * Asks the process that runs this session of the user to settle it; where that one has not been
   * heard of lately, the session ends here, at its last heartbeat.
   * @returns whether the session is still to be settled
   */
  takeOver(db: Db, userId: string, sessionId: string): Promise<boolean>
  /**
   * Ends the user's sessions whose leases expired, or everything, at their last heartbeat. Skips
   * what a heartbeat is just writing: that is not dead.
   * @returns how many there were
   */
  reapOf(db: Db, userId: string, which: ReapScope): Promise<number>
}

export function createLeaseRows(deps: {
  readonly ledger: Pick<Ledger, 'settle'>
  readonly instance: string
  readonly terms: Pick<LeaseTerms, 'expiryMs' | 'staleMs'>
}): LeaseRows {
  const { ledger, instance, terms } = deps
  const expiryS = terms.expiryMs / 1000
  /** How long before its expiry a lease has missed its heartbeats. */
  const staleS = Math.max(0, terms.expiryMs - terms.staleMs) / 1000

  const close: LeaseRows['close'] = async (db, userId, lease, { usedMs, state, description }) => {
    const { session_id: sessionId, seq } = lease
    await ledger.settle(db, {
      userId,
      sessionId,
      heldMs: toMs(lease.granted_ms),
      usedMs,
      ref: `lease:${sessionId}:${seq}`,
      description,
    })
    await db.$executeRaw`
      UPDATE "leases" SET "state" = ${state}, "used_ms" = ${BigInt(usedMs)}, "settled_at" = now()
      WHERE "session_id" = ${sessionId} AND "seq" = ${seq}`
  }

  async function reap(db: Db, userId: string, lease: LeaseRow): Promise<void> {
    const usedMs = toMs(lease.used_ms)
    await close(db, userId, lease, { usedMs, state: 'reaped', description: 'Captions, cut off' })
    const audioMs = toMs(lease.start_ms) + usedMs
    await endSessionRow(db, lease.session_id, { usedMs: audioMs, reason: 'lease_lost' })
  }

  return {
    async insert(db, { sessionId, seq, userId, startMs, grantedMs }) {
      // Not now(): that is when the transaction began, and it may have waited for the user's lock.
      await db.$executeRaw`
        INSERT INTO "leases"
          ("session_id", "seq", "user_id", "instance", "start_ms", "granted_ms", "expires_at")
        VALUES (${sessionId}, ${seq}, ${userId}, ${instance},
          ${BigInt(startMs)}, ${BigInt(grantedMs)},
          clock_timestamp() + ${expiryS} * interval '1 s')`
    },
    async own(db, sessionId) {
      const [lease] = await db.$queryRaw<LeaseRow[]>`
        SELECT "session_id", "seq", "start_ms", "granted_ms", "used_ms", "taken_over" FROM "leases"
        WHERE "session_id" = ${sessionId} AND "state" = 'active' AND "instance" = ${instance}
        FOR UPDATE`
      return lease
    },
    close,
    async takeOver(db, userId, sessionId) {
      const [lease] = await db.$queryRaw<(LeaseRow & { is_stale: boolean })[]>`
        UPDATE "leases" SET "taken_over" = true
        WHERE "session_id" = ${sessionId} AND "state" = 'active' AND "user_id" = ${userId}
        RETURNING "session_id", "seq", "start_ms", "granted_ms", "used_ms", "taken_over",
          "expires_at" <= now() + ${staleS} * interval '1 s' AS "is_stale"`
      if (lease?.is_stale) await reap(db, userId, lease)
      return lease !== undefined && !lease.is_stale
    },
    async reapOf(db, userId, which) {
      const leases = await db.$queryRaw<LeaseRow[]>`
        SELECT "session_id", "seq", "start_ms", "granted_ms", "used_ms", "taken_over" FROM "leases"
        WHERE "user_id" = ${userId} AND "state" = 'active'
          AND ("expires_at" <= now() OR ${which === 'everything'})
        FOR UPDATE SKIP LOCKED`
      for (const lease of leases) await reap(db, userId, lease)
      return leases.length
    },
  }
}
