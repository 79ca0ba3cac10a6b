/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   on a phone the rows are laid out as cards, and Safari then drops a table's own roles */
import type { SessionEntry } from './session-row.tsx'
import { SessionRow } from './session-row.tsx'

/** One row per session; on a phone, one card. */
export function SessionsTable({ sessions }: { readonly sessions: readonly SessionEntry[] }) {
  return (
    <table className="sessions-table" role="table">
      <caption className="visually-hidden">Sessions, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            Started
          </th>
          <th scope="col" role="columnheader" className="number">
            Duration
          </th>
          <th scope="col" role="columnheader" className="number">
            Credit used
          </th>
          <th scope="col" role="columnheader">
            Status
          </th>
          <th scope="col" role="columnheader">
            How it ended
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </tbody>
    </table>
  )
}
