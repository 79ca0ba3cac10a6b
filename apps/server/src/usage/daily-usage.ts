import { toMs } from '../billing/ledger.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { latestDays } from './calendar-days.ts'

export interface DayUsage {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** Audio charged for, net of what was credited back, ms. */
  readonly usedMs: number
  /** That began on this day. */
  readonly sessions: number
}

export interface DailyUsage {
  /**
   * The last 30 days, days without use included, today last. What running sessions have used so
   * far counts as today's.
   * @param timeZone whose days these are
   */
  read(userId: string, timeZone: string): Promise<DayUsage[]>
}

const DAYS = 30

export function createDailyUsage(deps: {
  readonly prisma: PrismaClient
  /** Epoch, ms. */
  readonly now: () => number
}): DailyUsage {
  return {
    async read(userId, timeZone) {
      const days = latestDays(deps.now(), timeZone, DAYS)
      const starts = days.map(({ startMs }) => new Date(startMs))
      // width_bucket numbers the days from 1. One statement, so that a lease that is settled
      // meanwhile counts once: as a lease or as a ledger entry.
      const rows = await deps.prisma.$queryRaw<{ day: number; ms: bigint; sessions: bigint }[]>`
        SELECT "day", sum("ms")::bigint AS "ms", sum("sessions")::bigint AS "sessions" FROM (
          SELECT width_bucket("recorded_at", ${starts}::timestamptz[]) AS "day",
            -"delta_ms" AS "ms", 0 AS "sessions"
          FROM "usage_ledger"
          WHERE "user_id" = ${userId} AND "recorded_at" >= ${starts[0]}
            AND "kind" IN ('session_usage', 'upstream_failure_credit')
          UNION ALL
          SELECT ${DAYS}, "used_ms", 0 FROM "leases"
          WHERE "user_id" = ${userId} AND "state" = 'active'
          UNION ALL
          SELECT width_bucket("started_at", ${starts}::timestamptz[]), 0, 1
          FROM "transcription_sessions"
          WHERE "user_id" = ${userId} AND "started_at" >= ${starts[0]}
        ) facts GROUP BY "day"`
      const byDay = new Map(rows.map((row) => [row.day, row]))
      return days.map(({ date }, i) => {
        const row = byDay.get(i + 1)
        // Credited back today, but charged yesterday: no day shows less than nothing.
        const usedMs = Math.max(0, toMs(row?.ms ?? 0n))
        return { date, usedMs, sessions: Number(row?.sessions ?? 0n) }
      })
    },
  }
}
