import type { Db } from '../database/database.ts'
import type { NewId } from '../ids.ts'

/**
 * The only writer of the tables that money depends on. Amounts are whole milliseconds of audio.
 * Invariant, per user and after every commit: sum of the ledger = available + held.
 */
export interface Ledger {
  /**
   * Adds credit. Call it inside the transaction of the fact that it books.
   * @returns `already_booked` where an entry of this `ref` exists: nothing changed
   */
  grant(db: Db, entry: GrantEntry): Promise<'booked' | 'already_booked'>
  /**
   * Takes credit: `wantedMs`, or what is left where that is less. Same rules as grant().
   * @returns what was taken; 0 also where an entry of this `ref` exists
   */
  charge(db: Db, entry: ChargeEntry): Promise<{ readonly chargedMs: number }>
  /** @returns 0 for an account without a balance */
  availableMs(db: Db, userId: string): Promise<number>
}

export type GrantKind = 'starting_credit'
export type ChargeKind = 'session_usage'

interface Entry {
  readonly userId: string
  /** Made of exactly what defines the fact: it is booked once, however often it is reported. */
  readonly ref: string
  readonly description: string
  readonly sessionId?: string
}
export interface GrantEntry extends Entry {
  readonly kind: GrantKind
  /** Whole, above 0. */
  readonly amountMs: number
}
export interface ChargeEntry extends Entry {
  readonly kind: ChargeKind
  /** Whole, 0 or more. */
  readonly wantedMs: number
}

export function createLedger(deps: { readonly newId: NewId }): Ledger {
  /** Serialises everything that happens to one user's money, on every server. */
  async function lockBalance(db: Db, userId: string): Promise<number> {
    await db.$executeRaw`INSERT INTO "credit_balance" ("user_id") VALUES (${userId})
      ON CONFLICT ("user_id") DO NOTHING`
    const rows = await db.$queryRaw<{ available_ms: bigint }[]>`
      SELECT "available_ms" FROM "credit_balance" WHERE "user_id" = ${userId} FOR UPDATE`
    return toMs(rows[0]?.available_ms ?? 0n)
  }

  async function book(db: Db, entry: Entry & { kind: string }, deltaMs: number): Promise<boolean> {
    const inserted = await db.$executeRaw`
      INSERT INTO "usage_ledger"
        ("id", "user_id", "session_id", "kind", "delta_ms", "ref", "description")
      VALUES (${deps.newId('led')}, ${entry.userId}, ${entry.sessionId ?? null}, ${entry.kind},
        ${BigInt(deltaMs)}, ${entry.ref}, ${entry.description})
      ON CONFLICT ("ref") DO NOTHING`
    if (inserted === 0) return false
    await db.$executeRaw`
      UPDATE "credit_balance"
      SET "available_ms" = "available_ms" + ${BigInt(deltaMs)}, "updated_at" = now()
      WHERE "user_id" = ${entry.userId}`
    return true
  }

  return {
    async grant(db, entry) {
      requireWholeMs(entry.amountMs, 1)
      await lockBalance(db, entry.userId)
      return (await book(db, entry, entry.amountMs)) ? 'booked' : 'already_booked'
    },
    async charge(db, entry) {
      requireWholeMs(entry.wantedMs, 0)
      const chargedMs = Math.min(entry.wantedMs, await lockBalance(db, entry.userId))
      return { chargedMs: (await book(db, entry, -chargedMs)) ? chargedMs : 0 }
    },
    async availableMs(db, userId) {
      const row = await db.creditBalance.findUnique({ where: { userId } })
      return toMs(row?.availableMs ?? 0n)
    },
  }
}

/** Exact: 2^53 ms are 285,000 years of audio. */
export function toMs(value: bigint): number {
  const ms = Number(value)
  if (!Number.isSafeInteger(ms)) throw new RangeError(`${value} ms is not an exact number`)
  return ms
}

function requireWholeMs(ms: number, min: number): void {
  if (!Number.isSafeInteger(ms) || ms < min) throw new RangeError(`${ms} is not a number of ms`)
}
