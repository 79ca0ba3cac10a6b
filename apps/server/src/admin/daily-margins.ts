import type { Costs } from '../billing/margins.ts'
import { toMs } from '../billing/ledger.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { latestDays } from '../usage/calendar-days.ts'

/** What one day's audio cost and brought in. Money in micro-dollars. */
export interface DayMargin {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string
  /** Audio charged for, ms; of running sessions, so far, today's. */
  readonly billedMs: number
  /** Given back on this day, because its words never came, ms. */
  readonly creditedBackMs: number
  /** All that was billed, at the configured price: what was given back was transcribed, too. */
  readonly providerMicros: number
  /** What was billed and not given back, at what a ms of credit has brought in on average. */
  readonly revenueMicros: number
  readonly marginMicros: number
}

export interface DailyMargins {
  /** @param days how many, the last of them today, in UTC; days without audio included */
  read(days: number): Promise<readonly DayMargin[]>
}

/** Ledger entries that make or take back credit. What is left of their sum is what revenue is spread over. */
const CREDIT_KINDS = [
  'starting_credit',
  'credit_purchase',
  'purchase_reversal',
  'reversal_returned',
  'operator_grant',
  'operator_adjustment',
]
const MICROS_PER_CENT = 10_000n

export function createDailyMargins(deps: {
  readonly prisma: PrismaClient
  readonly costs: Costs
  /** Epoch, ms. */
  readonly now: () => number
}): DailyMargins {
  const { prisma, costs, now } = deps

  /** Micro-dollars over all ms of credit: gifts bring in nothing, and make the average smaller. */
  async function readIncome(): Promise<{ micros: bigint; creditedMs: bigint }> {
    const [row] = await prisma.$queryRaw<
      { kept_cents: bigint; price_cents: bigint; purchases: bigint; credited_ms: bigint }[]
    >`
      SELECT p.*, (
        SELECT coalesce(sum("delta_ms"), 0)::bigint FROM "usage_ledger"
        WHERE "kind" = ANY (${CREDIT_KINDS})
      ) AS "credited_ms" FROM (
        SELECT count(*) AS "purchases", coalesce(sum("price_cents"), 0)::bigint AS "price_cents",
          coalesce(sum(CASE WHEN "dispute" IN ('open', 'lost') THEN 0
            ELSE "price_cents" - "refunded_cents" END), 0)::bigint AS "kept_cents"
        FROM "credit_purchases" WHERE "status" = 'paid'
      ) p`
    if (!row) return { micros: 0n, creditedMs: 0n }
    // Stripe keeps its fee of what is refunded, too.
    const feeMicros =
      row.price_cents * BigInt(costs.feeBasisPoints) +
      row.purchases * BigInt(costs.feeCents) * MICROS_PER_CENT
    return { micros: row.kept_cents * MICROS_PER_CENT - feeMicros, creditedMs: row.credited_ms }
  }

  return {
    async read(count) {
      const days = latestDays(now(), 'UTC', count)
      const starts = days.map(({ startMs }) => new Date(startMs))
      // One statement, so that a lease that is settled meanwhile counts once.
      const rows = await prisma.$queryRaw<{ day: number; billed: bigint; credited: bigint }[]>`
        SELECT "day", sum("billed")::bigint AS "billed", sum("credited")::bigint AS "credited" FROM (
          SELECT width_bucket("recorded_at", ${starts}::timestamptz[]) AS "day",
            CASE "kind" WHEN 'session_usage' THEN -"delta_ms" ELSE 0 END AS "billed",
            CASE "kind" WHEN 'session_usage' THEN 0 ELSE "delta_ms" END AS "credited"
          FROM "usage_ledger"
          WHERE "kind" IN ('session_usage', 'upstream_failure_credit')
            AND "recorded_at" >= ${starts[0]}
          UNION ALL
          SELECT ${count}, "used_ms", 0 FROM "leases" WHERE "state" = 'active'
        ) facts GROUP BY "day"`
      const income = await readIncome()
      const byDay = new Map(rows.map((row) => [row.day, row]))
      return days.map(({ date }, i) => {
        const { billed = 0n, credited = 0n } = byDay.get(i + 1) ?? {}
        const billedMs = toMs(billed)
        const providerMicros = Math.ceil((billedMs * costs.providerMicrosPerMinute) / 60_000)
        const revenueMicros =
          income.creditedMs > 0n
            ? Number(((billed - credited) * income.micros) / income.creditedMs)
            : 0
        return {
          date,
          billedMs,
          creditedBackMs: toMs(credited),
          providerMicros,
          revenueMicros,
          marginMicros: revenueMicros - providerMicros,
        }
      })
    },
  }
}
