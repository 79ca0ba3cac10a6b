import type { Db } from '../database/database.ts'
import type { NewId } from '../ids.ts'

/**
 * The only writer of the tables that money depends on. Amounts are whole milliseconds of audio.
 * Invariant, per user and after every commit: sum of the ledger = available + held.
 *
 * Everything here runs inside the caller's transaction, which is that of the fact being booked. A
 * lock on the user's balance serialises all that happens to that user's money, on every server; a
 * transaction takes it before it locks anything else of the user's, so none can wait in a circle.
 */
export interface Ledger {
  /** Locks the user's balance until the transaction ends, and tells how it stands. */
  lock(db: Db, userId: string): Promise<Balance>
  /**
   * Adds credit, and takes what the user owes out of it.
   * @returns `already_booked` where an entry of this `ref` exists: nothing changed
   */
  grant(db: Db, entry: GrantEntry): Promise<'booked' | 'already_booked'>
  /**
   * Adds or takes credit by an administrator's word. What a user owes comes out of what is added.
   * @returns `insufficient` where less is available than is to be taken: nothing changed;
   * `already_booked` where an entry of this `ref` exists: nothing changed
   */
  adjust(db: Db, entry: AdjustEntry): Promise<'booked' | 'already_booked' | 'insufficient'>
  /**
   * Takes credit back, and notes as owed what of it is spent or held.
   * @returns `already_booked` where an entry of this `ref` exists: nothing changed
   */
  takeBack(db: Db, entry: TakeBackEntry): Promise<'booked' | 'already_booked'>
  /**
   * Sets credit of a locked user aside for a lease: `wantedMs`, or what is available where that is
   * less.
   * @returns what was set aside, and what is available after it
   */
  hold(db: Db, userId: string, wantedMs: number): Promise<Hold>
  /** Ends a hold of a locked user: charges what was used of it and frees the rest. Once per `ref`. */
  settle(db: Db, entry: SettleEntry): Promise<'booked' | 'already_booked'>
  /** As last committed; zeros for an account without a balance. */
  balance(db: Db, userId: string): Promise<Balance>
}

export interface Balance {
  /** Free to be leased. */
  readonly availableMs: number
  /** Set aside for running sessions, whether used yet or not. */
  readonly heldMs: number
  /** Taken back, but spent already. Above 0 only while nothing is available. */
  readonly owedMs: number
}

export interface Hold {
  readonly heldMs: number
  readonly availableMs: number
}

export type GrantKind =
  | 'starting_credit'
  | 'credit_purchase'
  | 'operator_grant'
  | 'upstream_failure_credit'
  | 'reversal_returned'
/** Refunds and disputes of a purchase. */
export type TakeBackKind = 'purchase_reversal'
export type EntryKind =
  | GrantKind
  | TakeBackKind
  | 'operator_adjustment'
  | 'session_usage'
  | 'debt_repayment'

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
export interface AdjustEntry extends Entry {
  /** Whole, not 0; below 0 takes credit. */
  readonly deltaMs: number
}
export interface TakeBackEntry extends Entry {
  readonly kind: TakeBackKind
  /** Whole, above 0. */
  readonly amountMs: number
}
export interface SettleEntry extends Entry {
  /** Whole: what hold() set aside. */
  readonly heldMs: number
  /** Whole, 0 to heldMs. */
  readonly usedMs: number
}

export function createLedger(deps: { readonly newId: NewId }): Ledger {
  async function lock(db: Db, userId: string): Promise<Balance> {
    const select = async (): Promise<Row[]> => db.$queryRaw<Row[]>`
      SELECT "available_ms", "held_ms", "owed_ms" FROM "credit_balance"
      WHERE "user_id" = ${userId} FOR UPDATE`
    const [row] = await select()
    if (row) return toBalance(row)
    await db.$executeRaw`INSERT INTO "credit_balance" ("user_id") VALUES (${userId})
      ON CONFLICT ("user_id") DO NOTHING`
    return toBalance((await select())[0])
  }

  /** Of a locked user. */
  async function insert(db: Db, kind: EntryKind, entry: Entry, deltaMs: number): Promise<boolean> {
    const inserted = await db.$executeRaw`
      INSERT INTO "usage_ledger"
        ("id", "user_id", "session_id", "kind", "delta_ms", "ref", "description")
      VALUES (${deps.newId('led')}, ${entry.userId}, ${entry.sessionId ?? null}, ${kind},
        ${BigInt(deltaMs)}, ${entry.ref}, ${entry.description})
      ON CONFLICT ("ref") DO NOTHING`
    return inserted === 1
  }

  async function isBooked(db: Db, ref: string): Promise<boolean> {
    return (await db.usageLedgerEntry.count({ where: { ref } })) > 0
  }

  async function move(db: Db, userId: string, change: Partial<Balance>): Promise<Balance> {
    const { availableMs = 0, heldMs = 0, owedMs = 0 } = change
    const [row] = await db.$queryRaw<Row[]>`
      UPDATE "credit_balance" SET
        "available_ms" = "available_ms" + ${BigInt(availableMs)},
        "held_ms" = "held_ms" + ${BigInt(heldMs)},
        "owed_ms" = "owed_ms" + ${BigInt(owedMs)},
        "updated_at" = now()
      WHERE "user_id" = ${userId} RETURNING "available_ms", "held_ms", "owed_ms"`
    return toBalance(row)
  }

  /** What is owed comes out of what has just become available. */
  async function collect(db: Db, { userId, ref }: Entry, balance: Balance): Promise<void> {
    const dueMs = Math.min(balance.owedMs, balance.availableMs)
    if (dueMs === 0) return
    const entry = { userId, ref: `debt:${ref}`, description: 'Owed from a refund' }
    if (await insert(db, 'debt_repayment', entry, -dueMs)) {
      await move(db, userId, { availableMs: -dueMs, owedMs: -dueMs })
    }
  }

  return {
    lock,
    async grant(db, entry) {
      requireWholeMs(entry.amountMs, 1)
      await lock(db, entry.userId)
      if (!(await insert(db, entry.kind, entry, entry.amountMs))) return 'already_booked'
      await collect(db, entry, await move(db, entry.userId, { availableMs: entry.amountMs }))
      return 'booked'
    },
    async adjust(db, entry) {
      requireWholeMs(Math.abs(entry.deltaMs), 1)
      const { availableMs } = await lock(db, entry.userId)
      // First: the same wish, repeated, must not be refused because it has been fulfilled.
      if (await isBooked(db, entry.ref)) return 'already_booked'
      if (availableMs + entry.deltaMs < 0) return 'insufficient'
      if (!(await insert(db, 'operator_adjustment', entry, entry.deltaMs))) return 'already_booked'
      await collect(db, entry, await move(db, entry.userId, { availableMs: entry.deltaMs }))
      return 'booked'
    },
    async takeBack(db, entry) {
      requireWholeMs(entry.amountMs, 1)
      const { availableMs } = await lock(db, entry.userId)
      const takenMs = Math.min(entry.amountMs, availableMs)
      if (!(await insert(db, entry.kind, entry, -takenMs))) return 'already_booked'
      await move(db, entry.userId, { availableMs: -takenMs, owedMs: entry.amountMs - takenMs })
      return 'booked'
    },
    async hold(db, userId, wantedMs) {
      requireWholeMs(wantedMs, 0)
      const [row] = await db.$queryRaw<{ ms: bigint; available_ms: bigint }[]>`
        WITH "grant" AS (
          SELECT LEAST("available_ms", ${BigInt(wantedMs)}) AS "ms" FROM "credit_balance"
          WHERE "user_id" = ${userId} FOR UPDATE
        )
        UPDATE "credit_balance" SET
          "available_ms" = "available_ms" - "grant"."ms",
          "held_ms" = "held_ms" + "grant"."ms",
          "updated_at" = now()
        FROM "grant" WHERE "user_id" = ${userId} RETURNING "grant"."ms", "available_ms"`
      return { heldMs: toMs(row?.ms ?? 0n), availableMs: toMs(row?.available_ms ?? 0n) }
    },
    async settle(db, entry) {
      requireWholeMs(entry.usedMs, 0)
      requireWholeMs(entry.heldMs, entry.usedMs)
      if (!(await insert(db, 'session_usage', entry, -entry.usedMs))) return 'already_booked'
      const freedMs = entry.heldMs - entry.usedMs
      const balance = await move(db, entry.userId, { availableMs: freedMs, heldMs: -entry.heldMs })
      await collect(db, entry, balance)
      return 'booked'
    },
    async balance(db, userId) {
      const row = await db.creditBalance.findUnique({ where: { userId } })
      return row
        ? { availableMs: toMs(row.availableMs), heldMs: toMs(row.heldMs), owedMs: toMs(row.owedMs) }
        : { availableMs: 0, heldMs: 0, owedMs: 0 }
    },
  }
}

interface Row {
  readonly available_ms: bigint
  readonly held_ms: bigint
  readonly owed_ms: bigint
}

function toBalance(row: Row | undefined): Balance {
  if (!row) throw new Error('a locked balance has no row')
  return {
    availableMs: toMs(row.available_ms),
    heldMs: toMs(row.held_ms),
    owedMs: toMs(row.owed_ms),
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
