import { z } from 'zod'
import type { Balance } from '../billing/ledger.ts'
import type { SessionSummary } from '../usage/session-list.ts'
import type { AuditEntry } from './audit-log.ts'
import type { DayMargin } from './daily-margins.ts'
import type { LiveSession } from './live-sessions.ts'
import type { Page } from './page.ts'
import type { LedgerLine, UserSummary } from './user-directory.ts'

// What administrators are told, the same over tRPC and as `--json` of the command line. Amounts of
// audio in ms, money in micro-dollars (1,000,000 to the dollar), times in UTC.

const ms = z.int().nonnegative()
const time = z.iso.datetime()
export const balanceSchema = z.object({ available_ms: ms, held_ms: ms, owed_ms: ms })
export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(['user', 'admin']),
  created_at: time,
  blocked_at: time.nullable(),
  ...balanceSchema.shape,
  live_sessions: z.int().nonnegative(),
})
export const userSessionSchema = z.object({
  id: z.string(),
  started_at: time,
  ended_at: time.nullable(),
  used_ms: ms,
  status: z.enum(['active', 'completed', 'terminated']),
  end_reason: z.string().nullable(),
  backend: z.string(),
  model: z.string().nullable(),
  language: z.string().nullable(),
})
export const ledgerLineSchema = z.object({
  id: z.string(),
  recorded_at: time,
  kind: z.string(),
  delta_ms: z.int(),
  description: z.string(),
  session_id: z.string().nullable(),
})
export const liveSessionSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  email: z.string(),
  backend: z.string(),
  model: z.string().nullable(),
  started_at: time,
  used_ms: ms,
  /** One start of one server process. */
  instance: z.string(),
  /** Without a heartbeat until then, that process is taken for dead. */
  expires_at: time,
  is_interrupted: z.boolean(),
  is_ending: z.boolean(),
})
export const dayMarginSchema = z.object({
  date: z.iso.date(),
  billed_ms: ms,
  credited_back_ms: ms,
  provider_cost_micros: z.int(),
  revenue_micros: z.int(),
  margin_micros: z.int(),
})
const state = z.record(z.string(), z.union([z.string(), z.number(), z.null()])).nullable()
const person = z.object({ id: z.string(), email: z.string() })
export const auditEntrySchema = z.object({
  id: z.string(),
  recorded_at: time,
  /** Null for the command line: then `os_user` says who. */
  actor: person.nullable(),
  os_user: z.string().nullable(),
  action: z.string(),
  subject: person,
  session_id: z.string().nullable(),
  reason: z.string(),
  before: state,
  after: state,
  request_id: z.string().nullable(),
})

export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({ rows: z.array(row), next_cursor: z.string().nullable() })

export function toPageWire<T, W>(page: Page<T>, toWire: (row: T) => W) {
  return { rows: page.rows.map(toWire), next_cursor: page.nextCursor }
}

export function toBalanceWire({ availableMs, heldMs, owedMs }: Balance) {
  return { available_ms: availableMs, held_ms: heldMs, owed_ms: owedMs }
}

export function toUserWire(user: UserSummary): z.infer<typeof userSchema> {
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    created_at: user.createdAt.toISOString(),
    blocked_at: user.blockedAt?.toISOString() ?? null,
    ...toBalanceWire(user),
    live_sessions: user.liveSessions,
  }
}

export function toUserSessionWire(session: SessionSummary): z.infer<typeof userSessionSchema> {
  return {
    id: session.id,
    started_at: session.startedAt.toISOString(),
    ended_at: session.endedAt?.toISOString() ?? null,
    used_ms: session.usedMs,
    status: session.status,
    end_reason: session.endReason,
    backend: session.backend,
    model: session.model,
    language: session.language,
  }
}

export function toLedgerWire(line: LedgerLine): z.infer<typeof ledgerLineSchema> {
  return {
    id: line.id,
    recorded_at: line.recordedAt.toISOString(),
    kind: line.kind,
    delta_ms: line.deltaMs,
    description: line.description,
    session_id: line.sessionId,
  }
}

export function toLiveSessionWire(session: LiveSession): z.infer<typeof liveSessionSchema> {
  return {
    id: session.id,
    user_id: session.userId,
    email: session.email,
    backend: session.backend,
    model: session.model,
    started_at: session.startedAt.toISOString(),
    used_ms: session.usedMs,
    instance: session.instance,
    expires_at: session.expiresAt.toISOString(),
    is_interrupted: session.isInterrupted,
    is_ending: session.isEnding,
  }
}

export function toDayMarginWire(day: DayMargin): z.infer<typeof dayMarginSchema> {
  return {
    date: day.date,
    billed_ms: day.billedMs,
    credited_back_ms: day.creditedBackMs,
    provider_cost_micros: day.providerMicros,
    revenue_micros: day.revenueMicros,
    margin_micros: day.marginMicros,
  }
}

export function toAuditWire(entry: AuditEntry): z.infer<typeof auditEntrySchema> {
  return {
    id: entry.id,
    recorded_at: entry.recordedAt.toISOString(),
    actor: entry.actor,
    os_user: entry.osUser,
    action: entry.action,
    subject: entry.subject,
    session_id: entry.sessionId,
    reason: entry.reason,
    before: entry.before,
    after: entry.after,
    request_id: entry.requestId,
  }
}
