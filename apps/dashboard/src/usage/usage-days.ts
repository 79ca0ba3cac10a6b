import type { Outputs } from '../api/trpc.ts'
import { formatDuration } from '../format/duration.ts'

/** One calendar day in the user's time zone. */
export type UsageDay = Outputs['account']['usage']['days'][number]

const plural = new Intl.PluralRules('en')

/** What was used on a day. */
export function describeDay(day: UsageDay): string {
  if (!isInUse(day)) return 'nothing'
  return formatDuration(day.used_ms) + inSessions(day.sessions)
}

/** What was used on all of them, in a sentence. */
export function summarize(days: readonly UsageDay[]): string {
  const used = daysInUse(days)
  if (used.length === 0) return 'Nothing used so far.'
  const usedMs = used.reduce((sum, { used_ms }) => sum + used_ms, 0)
  const sessions = used.reduce((sum, day) => sum + day.sessions, 0)
  return `${formatDuration(usedMs)} used${inSessions(sessions)}.`
}

/** Without the days on which nothing happened. */
export function daysInUse(days: readonly UsageDay[]): readonly UsageDay[] {
  return days.filter(isInUse)
}

/** A session counts on the day on which it began, but may go on over midnight. */
function isInUse({ used_ms, sessions }: UsageDay): boolean {
  return used_ms > 0 || sessions > 0
}

/** ` in 3 sessions`, ` in 1 session`; empty for none. */
function inSessions(count: number): string {
  if (count === 0) return ''
  const noun = plural.select(count) === 'one' ? 'session' : 'sessions'
  return ` in ${new Intl.NumberFormat().format(count)} ${noun}`
}
