import type { SessionList, SessionSummary } from './session-list.ts'
import { durationMs } from './session-list.ts'

const COLUMNS = {
  session_id: ({ id }) => id,
  started_at: ({ startedAt }) => startedAt.toISOString(),
  ended_at: ({ endedAt }) => endedAt?.toISOString() ?? '',
  duration_ms: (session) => durationMs(session) ?? '',
  used_ms: ({ usedMs }) => usedMs,
  seconds_used: ({ usedMs }) => usedMs / 1000,
  status: ({ status }) => status,
  end_reason: ({ endReason }) => endReason ?? '',
  backend: ({ backend }) => backend,
  model: ({ model }) => model ?? '',
  language: ({ language }) => language ?? '',
} as const satisfies Record<string, (session: SessionSummary) => string | number>

/** Sessions per read: what the export keeps in memory, however long it is. */
const PAGE = 500

/** All of a user's sessions, newest first, as CSV (RFC 4180) in pieces: the header, then pages. */
export async function* usageCsv(
  list: SessionList,
  userId: string,
  pageSize = PAGE,
): AsyncGenerator<string, void> {
  yield toRow(Object.keys(COLUMNS))
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = await list.page(userId, { cursor, limit: pageSize })
    cursor = page.nextCursor
    const rows = page.sessions.map((session) =>
      toRow(Object.values(COLUMNS).map((column) => column(session))),
    )
    yield rows.join('')
  }
}

function toRow(values: readonly (string | number)[]): string {
  return `${values.map(toField).join(',')}\r\n`
}

/**
 * Spreadsheets take what begins like a formula for one, and clients choose models and languages
 * freely: an apostrophe makes it text.
 */
function toField(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
