import type { Outputs } from '../api/trpc.ts'
import { formatDuration } from '../format/duration.ts'

/** One calendar day in the user's time zone. */
export type UsageDay = Outputs['account']['usage']['days'][number]

const plural = new Intl.PluralRules('en')

/** `3 sessions`, `1 session`. */
export function countSessions(count: number): string {
  const noun = plural.select(count) === 'one' ? 'session' : 'sessions'
  return `${new Intl.NumberFormat().format(count)} ${noun}`
}

/** What was used on a day. */
export function describeDay({ used_ms, sessions }: UsageDay): string {
  return sessions === 0 ? 'nothing' : `${formatDuration(used_ms)} in ${countSessions(sessions)}`
}

/** What was used on all of them, in a sentence. */
export function summarize(days: readonly UsageDay[]): string {
  const usedMs = days.reduce((sum, { used_ms }) => sum + used_ms, 0)
  const sessions = days.reduce((sum, day) => sum + day.sessions, 0)
  if (sessions === 0) return 'Nothing used so far.'
  return `${formatDuration(usedMs)} used in ${countSessions(sessions)}.`
}

/** Without the days on which nothing happened. A session goes on over midnight: it began before. */
export function daysInUse(days: readonly UsageDay[]): readonly UsageDay[] {
  return days.filter(({ used_ms, sessions }) => used_ms > 0 || sessions > 0)
}
