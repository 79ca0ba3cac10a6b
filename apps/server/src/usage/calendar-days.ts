/** A day of somebody's calendar. */
export interface CalendarDay {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** Its first instant; epoch, ms. */
  readonly startMs: number
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Whether this is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

/**
 * The latest days in a time zone, today's last. Node's time zones are used, not the database's: the
 * two may know different zones, and PostgreSQL reads `+02:00` with the opposite sign.
 * @param timeZone one that isTimeZone() accepts
 */
export function latestDays(nowMs: number, timeZone: string, count: number): CalendarDay[] {
  // Swedish dates are ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  const dateAt = (ms: number): string => format.format(ms)
  const today = Date.parse(dateAt(nowMs))
  return Array.from({ length: count }, (_, i) => {
    const midnightUtc = today - (count - 1 - i) * DAY_MS
    const date = new Date(midnightUtc).toISOString().slice(0, 10)
    return { date, startMs: firstInstant(date, midnightUtc, dateAt) }
  })
}

/**
 * Found by halving, because there is no rule: where clocks change at midnight, a day begins at
 * 01:00. Clocks differ from UTC by 14 hours at most, and by whole minutes.
 */
function firstInstant(date: string, midnightUtc: number, dateAt: (ms: number) => string): number {
  let before = -15 * 60
  let from = 15 * 60
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (dateAt(midnightUtc + middle * MINUTE_MS) < date) before = middle
    else from = middle
  }
  return midnightUtc + from * MINUTE_MS
}
