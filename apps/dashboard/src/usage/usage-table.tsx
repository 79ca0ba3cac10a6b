import { formatDay } from '../format/date.ts'
import { formatDuration } from '../format/duration.ts'
import type { UsageDay } from './usage-days.ts'
import { daysInUse } from './usage-days.ts'

/** The chart's figures, newest first, without the days on which nothing happened. */
export function UsageTable({ days }: { readonly days: readonly UsageDay[] }) {
  const used = daysInUse(days).toReversed()
  if (used.length === 0) return null
  return (
    <details className="usage-table">
      <summary>Show as a table</summary>
      <table>
        <caption className="visually-hidden">Credit used by day, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" className="number">
              Credit used
            </th>
            <th scope="col" className="number">
              Sessions
            </th>
          </tr>
        </thead>
        <tbody>
          {used.map(({ date, used_ms, sessions }) => (
            <tr key={date}>
              <th scope="row">{formatDay(date)}</th>
              <td className="number">{formatDuration(used_ms)}</td>
              <td className="number">{sessions}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
