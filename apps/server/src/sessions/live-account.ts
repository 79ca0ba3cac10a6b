import { toMs } from '../billing/ledger.ts'
import type { Db } from '../database/database.ts'

/** A transcription that is running, on whichever server process. */
export interface RunningSession {
  readonly sessionId: string
  /** What transcribes: `deepgram`, `whisper`. */
  readonly backend: string
  readonly startedAt: Date
  /** Audio handed to the backend, as of the last heartbeat, ms. */
  readonly usedMs: number
  /** Its client was cut off, and may come back. */
  readonly isInterrupted: boolean
}

/** What moves in an account while its user speaks. */
export interface LiveAccount {
  /** What is not spent: available + held − used so far of what is held, ms. */
  readonly unspentMs: number
  /** Oldest first. */
  readonly sessions: readonly RunningSession[]
}

interface Row {
  readonly user_id: string
  readonly booked_ms: bigint
  /** Null, with all that follow, where nothing runs. */
  readonly session_id: string | null
  readonly backend: string
  readonly started_at: Date
  readonly lease_used_ms: bigint
  readonly session_used_ms: bigint
  readonly is_cut: boolean
}

/**
 * All these accounts at one instant: a lease that is settled meanwhile is never counted twice. One
 * statement, however many users.
 */
export async function readLiveAccounts(
  prisma: Db,
  userIds: readonly string[],
): Promise<Map<string, LiveAccount>> {
  const rows = await prisma.$queryRaw<Row[]>`
    SELECT b."user_id", b."available_ms" + b."held_ms" AS "booked_ms",
      s."id" AS "session_id", s."backend", s."started_at",
      s."cut_at" IS NOT NULL AS "is_cut", l."used_ms" AS "lease_used_ms", l."start_ms" + l."used_ms" AS "session_used_ms"
    FROM "credit_balance" b
    LEFT JOIN "leases" l ON l."user_id" = b."user_id" AND l."state" = 'active'
    LEFT JOIN "transcription_sessions" s ON s."id" = l."session_id"
    WHERE b."user_id" = ANY(${userIds})
    ORDER BY s."started_at", s."id"`
  const byUser = new Map<string, Row[]>()
  for (const row of rows) byUser.set(row.user_id, [...(byUser.get(row.user_id) ?? []), row])
  return new Map(userIds.map((userId) => [userId, toAccount(byUser.get(userId) ?? [])]))
}

/** What this user has left, ms; 0 for an account without a balance. */
export async function readUnspentMs(prisma: Db, userId: string): Promise<number> {
  const accounts = await readLiveAccounts(prisma, [userId])
  return accounts.get(userId)?.unspentMs ?? 0
}

/** @param rows one per running session, or one alone; none for an account without a balance */
function toAccount(rows: readonly Row[]): LiveAccount {
  const running = rows.filter(({ session_id }) => session_id !== null)
  const usedMs = running.reduce((sum, row) => sum + toMs(row.lease_used_ms), 0)
  return {
    unspentMs: toMs(rows[0]?.booked_ms ?? 0n) - usedMs,
    sessions: running.map((row) => ({
      sessionId: row.session_id ?? '',
      backend: row.backend,
      startedAt: row.started_at,
      usedMs: toMs(row.session_used_ms),
      isInterrupted: row.is_cut,
    })),
  }
}
