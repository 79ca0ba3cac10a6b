import type { z } from 'zod'
import type {
  auditEntrySchema,
  dayMarginSchema,
  ledgerLineSchema,
  liveSessionSchema,
  userSchema,
  userSessionSchema,
} from '../admin/admin-wire.ts'
import { textTable } from './text-table.ts'

type User = z.infer<typeof userSchema>
type UserSession = z.infer<typeof userSessionSchema>
type LedgerLine = z.infer<typeof ledgerLineSchema>
type LiveSession = z.infer<typeof liveSessionSchema>
type DayMargin = z.infer<typeof dayMarginSchema>
type AuditEntry = z.infer<typeof auditEntrySchema>
interface Page<T> {
  readonly rows: readonly T[]
  readonly next_cursor: string | null
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`
const dollars = (micros: number): string =>
  `${micros < 0 ? '-' : ''}$${(Math.abs(micros) / 1_000_000).toFixed(4)}`
const time = (iso: string | null): string => iso?.replace('T', ' ').replace(/\..*/, '') ?? ''

function list<T>(
  page: Page<T>,
  none: string,
  columns: readonly string[],
  toRow: (row: T) => string[],
): string {
  if (page.rows.length === 0) return none
  const more = page.next_cursor === null ? '' : `\nMore: --cursor ${page.next_cursor}`
  return `${textTable(columns, page.rows.map(toRow))}${more}`
}

export function usersText(page: Page<User>): string {
  const columns = [
    'E-MAIL',
    'ID',
    'ROLE',
    'CREATED',
    '>AVAILABLE',
    '>HELD',
    '>OWED',
    '>LIVE',
    'BLOCKED',
  ]
  return list(page, 'There is no such user.', columns, (user) => [
    user.email,
    user.id,
    user.role,
    time(user.created_at),
    minutes(user.available_ms),
    minutes(user.held_ms),
    minutes(user.owed_ms),
    String(user.live_sessions),
    time(user.blocked_at),
  ])
}

export function userText(shown: {
  readonly user: User
  readonly sessions: Page<UserSession>
  readonly ledger: Page<LedgerLine>
}): string {
  const { user, sessions, ledger } = shown
  const sessionColumns = [
    'SESSION',
    'STARTED',
    'ENDED',
    '>USED',
    'STATUS',
    'REASON',
    'BACKEND',
    'MODEL',
  ]
  const ledgerColumns = ['RECORDED', 'KIND', '>CHANGE', 'DESCRIPTION', 'SESSION']
  return [
    usersText({ rows: [user], next_cursor: null }),
    list({ ...sessions, next_cursor: null }, 'No sessions.', sessionColumns, (session) => [
      session.id,
      time(session.started_at),
      time(session.ended_at),
      minutes(session.used_ms),
      session.status,
      session.end_reason ?? '',
      session.backend,
      session.model ?? '',
    ]),
    list({ ...ledger, next_cursor: null }, 'Nothing in the ledger.', ledgerColumns, (line) => [
      time(line.recorded_at),
      line.kind,
      minutes(line.delta_ms),
      line.description,
      line.session_id ?? '',
    ]),
  ].join('\n\n')
}

export function liveSessionsText(page: Page<LiveSession>): string {
  const columns = ['SESSION', 'E-MAIL', 'STARTED', '>USED', 'BACKEND', 'MODEL', 'SERVER', 'STATE']
  return list(page, 'No session is running.', columns, (session) => [
    session.id,
    session.email,
    time(session.started_at),
    minutes(session.used_ms),
    session.backend,
    session.model ?? '',
    session.instance,
    session.is_ending ? 'ending' : session.is_interrupted ? 'cut off' : 'running',
  ])
}

export function marginsText({ days }: { readonly days: readonly DayMargin[] }): string {
  const sum = (key: Exclude<keyof DayMargin, 'date'>) =>
    days.reduce((all, day) => all + day[key], 0)
  const total: DayMargin = {
    date: 'total',
    billed_ms: sum('billed_ms'),
    credited_back_ms: sum('credited_back_ms'),
    provider_cost_micros: sum('provider_cost_micros'),
    revenue_micros: sum('revenue_micros'),
    margin_micros: sum('margin_micros'),
  }
  const columns = ['DAY (UTC)', '>BILLED', '>CREDITED BACK', '>PROVIDER', '>REVENUE', '>MARGIN']
  const rows = [...days, total].map((day) => [
    day.date,
    minutes(day.billed_ms),
    minutes(day.credited_back_ms),
    dollars(day.provider_cost_micros),
    dollars(day.revenue_micros),
    dollars(day.margin_micros),
  ])
  return textTable(columns, rows)
}

export function auditText(page: Page<AuditEntry>): string {
  const columns = ['TIME (UTC)', 'BY', 'ACTION', 'ON', 'REASON', 'CHANGE']
  return list(page, 'Nothing has been done yet.', columns, (entry) => [
    time(entry.recorded_at),
    entry.actor?.email ?? `command line (${entry.os_user})`,
    entry.action,
    [entry.subject.email, entry.session_id ?? ''].join(' ').trim(),
    entry.reason,
    changeOf(entry),
  ])
}

/** What differs: `available_ms 0 → 60000`. */
function changeOf({ before, after }: AuditEntry): string {
  return Object.keys(after ?? {})
    .filter((key) => before?.[key] !== after?.[key])
    .map((key) => `${key} ${before?.[key] ?? '–'} → ${after?.[key] ?? '–'}`)
    .join(', ')
}
