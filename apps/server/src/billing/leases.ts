import type { SessionEndReason } from '@saywire/protocol'
import { isBlocked } from '../accounts/account-block.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import type { ProviderReceipt, SessionOpening } from '../sessions/session-rows.ts'
import { endSessionRow, forbidResume, insertSessionRow } from '../sessions/session-rows.ts'
import type { LeaseResume } from './lease-resume.ts'
import { createLeaseResume } from './lease-resume.ts'
import type { LeaseRow, ReapScope } from './lease-rows.ts'
import { createLeaseRows } from './lease-rows.ts'
import type { Ledger } from './ledger.ts'
import { toMs } from './ledger.ts'

/** Sizes and times of leases, in ms. */
export interface LeaseTerms {
  /** Audio that is taken out of the balance ahead of its use, at most. */
  readonly leaseMs: number
  /** Used audio after which a lease is settled and the next begins: one ledger entry for each. */
  readonly settleEveryMs: number
  /** A lease without a heartbeat for this long is anybody's to settle. */
  readonly expiryMs: number
  /** A process without a heartbeat for this long is as good as dead to whoever takes over from it. */
  readonly staleMs: number
  /** Sessions of one user at once, over all server processes. */
  readonly sessionsMaxPerUser: number
}

/** A session's cover: audio may be forwarded up to this position of it, counted from its start. */
export interface Cover {
  readonly coveredMs: number
  /** What else the user has that is free to be leased. */
  readonly availableMs: number
}

export type LeaseOpened =
  | ({ readonly outcome: 'opened'; readonly sessionId: string } & Cover)
  | LeaseRefusal

export type LeaseRefusal =
  /** `credit_in_use`: what there is is held by sessions that run. */
  | { readonly outcome: 'insufficient_credits' | 'credit_in_use' | 'too_many_connections' }
  | { readonly outcome: 'account_blocked' }
  /** There is credit, but the session that ends has not been settled yet. Try again. */
  | { readonly outcome: 'taking_over' }

/** Why a session is to end, where no other takes its place: an administrator wants it so. */
export type StopReason = 'ended_by_operator' | 'account_blocked'

export type LeaseExtended =
  /** Also where nothing was available and the cover is what it was. */
  | ({ readonly outcome: 'extended' } & Cover)
  /** The lease is not this process's any more. */
  | { readonly outcome: 'lost'; readonly stopReason?: StopReason | undefined }

/** What the books say of a session that is still this process's. */
export interface Beat {
  readonly sessionId: string
  readonly availableMs: number
  /** Of the user: available, and held but not used as of the heartbeat before. */
  readonly unspentMs: number
  /** The user goes on elsewhere: settle it, and forward nothing more. */
  readonly takenOver: boolean
  /** Where it is not to go on elsewhere either. */
  readonly stopReason?: StopReason | undefined
}

/** How far a session has come, for whoever goes on with it. Whole ms of its audio. */
export interface Progress {
  /** Position up to which audio was billed: what is below it is a replay. */
  readonly heardMs: number
  /** The client has every final up to here. */
  readonly horizonMs: number
  /** Replayed for free so far. */
  readonly replayedMs: number
}

/** A session's place in the books. */
export interface Usage {
  readonly sessionId: string
  readonly userId: string
  /** Billed since the session's start, whole ms. */
  readonly audioMs: number
  /** Default: as it was. */
  readonly progress?: Progress | undefined
}

export interface SessionEnd extends Usage {
  readonly reason: SessionEndReason
  /** Of audioMs: what the user is given back, because its words never came. */
  readonly creditedMs: number
  /** What transcribed, for the ledger's description. */
  readonly backend: string
  readonly receipt?: ProviderReceipt | undefined
}

/**
 * The leases of this process in the books that all processes share. A session's audio is taken out
 * of the balance before it is forwarded, never more than `leaseMs` ahead. A long session runs on
 * leases 0, 1, 2, …, each of which ends in exactly one ledger entry (`lease:<session>:<seq>`).
 *
 * Only the process that holds a lease (`instance`) can extend and settle it. When its heartbeats
 * stop, any process settles it at what the last heartbeat told: that loses at most one heartbeat of
 * audio, and the loss is ours.
 */
export interface Leases extends LeaseResume {
  /**
   * Begins a session with its first lease.
   * @param takeOver a session of the same user that ends in favour of this one, wherever it runs.
   * What it holds stays held until its process, if that lives, has settled it to the millisecond;
   * otherwise audio that is forwarded but not yet on the books could be spent again.
   */
  open(opening: SessionOpening, takeOver?: string): Promise<LeaseOpened>
  /** Takes more audio out of the balance, up to `leaseMs` ahead of what is used. A heartbeat, too. */
  extend(usage: Usage): Promise<LeaseExtended>
  /** One statement for all: what was used, and that this process lives. Who is missing is lost. */
  beat(usages: readonly Usage[]): Promise<readonly Beat[]>
  /** Ends the session. Idempotent. `lost`: another has settled it already, at its last heartbeat. */
  settle(end: SessionEnd): Promise<'settled' | 'lost'>
  /**
   * Settles what expired; `everything`: also what did not, for a server that has just started and
   * is the only one.
   * @returns how many leases there were
   * @throws what one user's leases failed with, once the other users' are settled
   */
  reap(which?: ReapScope): Promise<number>
}

const BEGINNING: Progress = { heardMs: 0, horizonMs: 0, replayedMs: 0 }
/** Users whose dead leases reap() reads at once. */
const REAP_USERS_MAX = 100

export function createLeases(deps: {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly newId: NewId
  /** Names this start of this process. */
  readonly instance: string
  readonly terms: LeaseTerms
}): Leases {
  const { prisma, ledger, newId, instance, terms } = deps
  const expiryS = terms.expiryMs / 1000
  const rows = createLeaseRows({ ledger, instance, terms })

  const usedOf = (lease: LeaseRow, audioMs: number): number =>
    Math.min(Math.max(0, audioMs - toMs(lease.start_ms)), toMs(lease.granted_ms))

  return {
    ...createLeaseResume({ ...deps, rows }),
    async open(opening, takeOver) {
      const { userId } = opening
      return prisma.$transaction(async (db) => {
        await ledger.lock(db, userId)
        if (await isBlocked(db, userId)) return { outcome: 'account_blocked' } as const
        if (takeOver !== undefined) {
          await rows.takeOver(db, userId, takeOver)
          await forbidResume(db, userId, takeOver)
        }
        await rows.reapOf(db, userId, 'expired')
        const live = await rows.makeRoom(db, userId)
        if (live >= terms.sessionsMaxPerUser) return { outcome: 'too_many_connections' } as const
        const { heldMs, availableMs } = await ledger.hold(db, userId, terms.leaseMs)
        if (heldMs === 0) {
          if (await rows.freeCredit(db, userId)) return { outcome: 'taking_over' } as const
          return { outcome: live > 0 ? 'credit_in_use' : 'insufficient_credits' } as const
        }
        const sessionId = newId('ses')
        await insertSessionRow(db, sessionId, opening)
        await rows.insert(db, {
          sessionId,
          seq: 0,
          userId,
          startMs: 0,
          grantedMs: heldMs,
          progress: BEGINNING,
        })
        return { outcome: 'opened', sessionId, coveredMs: heldMs, availableMs } as const
      })
    },

    async extend({ sessionId, userId, audioMs, progress }) {
      return prisma.$transaction(async (db) => {
        const { availableMs } = await ledger.lock(db, userId)
        const lease = await rows.own(db, sessionId)
        if (!lease || lease.taken_over) {
          return { outcome: 'lost', stopReason: lease?.stop_reason ?? undefined } as const
        }
        const grantedMs = toMs(lease.granted_ms)
        const usedMs = usedOf(lease, audioMs)
        const unusedMs = grantedMs - usedMs
        const startMs = toMs(lease.start_ms)
        if (usedMs < terms.settleEveryMs || availableMs === 0) {
          const more = await ledger.hold(db, userId, Math.max(0, terms.leaseMs - unusedMs))
          const { heardMs, horizonMs, replayedMs } = progress ?? BEGINNING
          // Both or neither: what is billed and not known as heard would be billed again.
          await db.$executeRaw`
            UPDATE "leases" SET "granted_ms" = "granted_ms" + ${BigInt(more.heldMs)},
              "used_ms" = GREATEST("used_ms", ${BigInt(usedMs)}),
              "heard_ms" = GREATEST("heard_ms", ${BigInt(heardMs)}),
              "horizon_ms" = GREATEST("horizon_ms", ${BigInt(horizonMs)}),
              "replayed_ms" = GREATEST("replayed_ms", ${BigInt(replayedMs)}),
              "expires_at" = clock_timestamp() + ${expiryS} * interval '1 s'
            WHERE "session_id" = ${sessionId} AND "seq" = ${lease.seq}`
          const coveredMs = startMs + grantedMs + more.heldMs
          return { outcome: 'extended', coveredMs, availableMs: more.availableMs } as const
        }
        await rows.close(db, userId, lease, {
          usedMs,
          state: 'settled',
          description: 'Captions',
        })
        // What was left of the old lease is free again and the user is locked, so the new one covers
        // at least as much: audio that was forwarded meanwhile stays covered.
        const next = await ledger.hold(db, userId, Math.max(terms.leaseMs, unusedMs))
        const coveredMs = startMs + usedMs + next.heldMs
        await rows.insert(db, {
          sessionId,
          seq: lease.seq + 1,
          userId,
          startMs: startMs + usedMs,
          grantedMs: next.heldMs,
          progress: progress ?? BEGINNING,
        })
        return { outcome: 'extended', coveredMs, availableMs: next.availableMs } as const
      })
    },

    async beat(usages) {
      if (usages.length === 0) return []
      const ids = usages.map(({ sessionId }) => sessionId)
      const positions = usages.map(({ audioMs }) => BigInt(audioMs))
      const far = (key: keyof Progress) =>
        usages.map(({ progress }) => BigInt(progress?.[key] ?? 0))
      const kept = await prisma.$queryRaw<
        (Pick<LeaseRow, 'session_id' | 'taken_over' | 'stop_reason'> & {
          available_ms: bigint
          unspent_ms: bigint
        })[]
      >`
        WITH "kept" AS (
          UPDATE "leases" AS "l" SET
            "used_ms" = LEAST("l"."granted_ms",
              GREATEST("l"."used_ms", "now"."audio_ms" - "l"."start_ms")),
            "heard_ms" = GREATEST("l"."heard_ms", "now"."heard_ms"),
            "horizon_ms" = GREATEST("l"."horizon_ms", "now"."horizon_ms"),
            "replayed_ms" = GREATEST("l"."replayed_ms", "now"."replayed_ms"),
            "expires_at" = now() + ${expiryS} * interval '1 s'
          FROM unnest(${ids}::text[], ${positions}::bigint[],
            ${far('heardMs')}::bigint[], ${far('horizonMs')}::bigint[], ${far('replayedMs')}::bigint[])
            AS "now"("session_id", "audio_ms", "heard_ms", "horizon_ms", "replayed_ms")
          WHERE "l"."session_id" = "now"."session_id"
            AND "l"."state" = 'active' AND "l"."instance" = ${instance}
          RETURNING "l"."session_id", "l"."user_id", "l"."taken_over", "l"."stop_reason"
        )
        SELECT "kept"."session_id", "kept"."taken_over", "kept"."stop_reason", "b"."available_ms", "b"."available_ms" + "b"."held_ms" - (
          SELECT coalesce(sum("a"."used_ms"), 0) FROM "leases" AS "a"
          WHERE "a"."user_id" = "kept"."user_id" AND "a"."state" = 'active'
        )::bigint AS "unspent_ms"
        FROM "kept" JOIN "credit_balance" AS "b" USING ("user_id")`
      return kept.map((row) => ({
        sessionId: row.session_id,
        availableMs: toMs(row.available_ms),
        unspentMs: toMs(row.unspent_ms),
        takenOver: row.taken_over,
        stopReason: row.stop_reason ?? undefined,
      }))
    },

    async settle({ sessionId, userId, audioMs, progress, ...end }) {
      const { reason, creditedMs, backend, receipt } = end
      return prisma.$transaction(async (db) => {
        await ledger.lock(db, userId)
        const lease = await rows.own(db, sessionId)
        if (!lease) {
          // An attempt of ours may have been committed although its answer got lost.
          const where = { sessionId, instance, state: 'reaped' }
          return (await db.lease.count({ where })) > 0 ? 'lost' : 'settled'
        }
        const usedMs = usedOf(lease, audioMs)
        const description = `Captions by ${backend}`
        await rows.close(db, userId, lease, { usedMs, state: 'settled', description, progress })
        const sessionMs = toMs(lease.start_ms) + usedMs
        await endSessionRow(db, sessionId, { usedMs: sessionMs, reason, receipt })
        await rows.giveBack(db, userId, lease, Math.min(creditedMs, sessionMs))
        return 'settled'
      })
    },

    async reap(which = 'expired') {
      let count = 0
      let failure: unknown
      for (let users = REAP_USERS_MAX; users === REAP_USERS_MAX;) {
        const owners = await prisma.$queryRaw<{ user_id: string }[]>`
          SELECT DISTINCT "user_id" FROM "leases"
          WHERE "state" = 'active' AND ("expires_at" <= now() OR ${which === 'everything'})
          LIMIT ${REAP_USERS_MAX}`
        users = owners.length
        for (const { user_id: userId } of owners) {
          try {
            count += await prisma.$transaction(async (db) => {
              await ledger.lock(db, userId)
              return rows.reapOf(db, userId, which)
            })
          } catch (error) {
            // One user's trouble must not hold up all others; but asking again would never end.
            failure = error
            users = 0
          }
        }
      }
      if (failure !== undefined) throw failure
      return count
    },
  }
}
