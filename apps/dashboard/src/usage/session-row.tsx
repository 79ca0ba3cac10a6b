/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   on a phone the rows are laid out as cards, and Safari then drops a table's own roles */
import { useState } from 'react'
import type { Outputs } from '../api/trpc.ts'
import { formatDateTime } from '../format/date.ts'
import { formatDuration } from '../format/duration.ts'
import { useLive } from '../live/live-context.ts'
import { nameBackend } from './backend-name.ts'
import { describeEndReason } from './end-reason.ts'

/** One session of the list. */
export type SessionEntry = Outputs['account']['sessions']['sessions'][number]

const STATUS_NAMES = {
  active: 'Running',
  completed: 'Completed',
  terminated: 'Cut short',
} as const satisfies Record<SessionEntry['status'], string>

/** One session, in words. */
export function SessionRow({ session }: { readonly session: SessionEntry }) {
  const { started_at, duration_ms, status, end_reason } = session
  const { sessions: running } = useLive()
  // The list is as old as its last loading; what runs is known to the second.
  const live = running?.find(({ sessionId }) => sessionId === session.id)
  // Between a session's end and the next loading of the list the last figure stays.
  const [liveMs, setLiveMs] = useState(0)
  if (live && live.usedMs > liveMs) setLiveMs(live.usedMs)
  const usedMs = status === 'active' ? Math.max(liveMs, session.used_ms) : session.used_ms
  return (
    <tr role="row" data-session={session.id}>
      <th scope="row" role="rowheader">
        <time dateTime={started_at}>{formatDateTime(started_at)}</time>
        <span className="session-backend">{nameBackend(session.backend, session.model)}</span>
      </th>
      <td role="cell" className="number" data-label="Duration">
        {duration_ms === null ? '…' : formatDuration(duration_ms)}
      </td>
      <td role="cell" className="number" data-label="Credit used" data-used-ms={usedMs}>
        {formatDuration(usedMs)}
      </td>
      <td role="cell" data-label="Status">
        <span className={`status ${status}`}>{STATUS_NAMES[status]}</span>
      </td>
      <td role="cell" className="session-reason">
        {describeEndReason(end_reason)}
      </td>
    </tr>
  )
}
