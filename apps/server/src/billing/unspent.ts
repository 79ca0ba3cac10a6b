import type { Db } from '../database/database.ts'
import { toMs } from './ledger.ts'

/**
 * The balance as its owner knows it: what is available, and what is held by running sessions but
 * not used as of their last heartbeat.
 * @returns ms of audio; 0 for an account without a balance
 */
export async function unspentMs(db: Db, userId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ ms: bigint }[]>`
    SELECT "b"."available_ms" + "b"."held_ms" - (
      SELECT coalesce(sum("l"."used_ms"), 0) FROM "leases" AS "l"
      WHERE "l"."user_id" = "b"."user_id" AND "l"."state" = 'active'
    )::bigint AS "ms"
    FROM "credit_balance" AS "b" WHERE "b"."user_id" = ${userId}`
  return toMs(row?.ms ?? 0n)
}
