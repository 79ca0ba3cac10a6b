import { formatClock } from '../format/duration.ts'
import { formatTime } from '../format/date.ts'
import { nameBackend } from '../usage/backend-name.ts'
import type { LiveSession } from './live-context.ts'

/** The sessions that run now, counting; a quiet line when there is none. */
export function LiveSessions({
  sessions,
}: {
  readonly sessions: readonly LiveSession[] | undefined
}) {
  if (!sessions) return null
  if (sessions.length === 0) return <p className="live-none">No session is running.</p>
  return (
    <ul className="live-list" aria-label="Running sessions">
      {sessions.map(({ sessionId, backend, startedAt, usedMs, isInterrupted }) => (
        <li key={sessionId} className="live-session">
          <span className="live-sign">{isInterrupted ? 'Interrupted' : 'Live'}</span>
          <span className="live-clock" data-used-ms={usedMs}>
            {formatClock(usedMs)}
          </span>
          <span className="live-detail">
            {nameBackend(backend)}, since {formatTime(startedAt)}
          </span>
        </li>
      ))}
    </ul>
  )
}
