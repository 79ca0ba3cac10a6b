import { useState } from 'react'
import { formatDay, formatDayShort } from '../format/date.ts'
import { formatDuration } from '../format/duration.ts'
import { gridLines } from './chart-scale.ts'
import type { UsageDay } from './usage-days.ts'
import { describeDay, summarize } from './usage-days.ts'

const BAR_WIDTH = 0.72
/** Every so many days the axis names one. */
const LABEL_EVERY = 7

/** Bars for the eye; `UsageTable` has the same figures for everybody. */
export function UsageChart({ days }: { readonly days: readonly UsageDay[] }) {
  const [pointed, setPointed] = useState<number>()
  const lines = gridLines(Math.max(...days.map(({ used_ms }) => used_ms)))
  const topMs = lines.at(-1) ?? 1
  const day = pointed === undefined ? undefined : days[pointed]
  const summary = summarize(days)
  return (
    <figure className="chart">
      <figcaption>{day ? `${formatDay(day.date)}: ${describeDay(day)}` : summary}</figcaption>
      <div
        className="chart-frame"
        role="img"
        aria-label={`Bar chart. ${summary} Figures in the table below.`}
      >
        <div className="chart-lines">
          {lines.map((ms) => (
            <span key={ms} className="chart-line" style={{ bottom: `${(ms / topMs) * 100}%` }}>
              <span>{ms === 0 ? '0' : formatDuration(ms, 'narrow')}</span>
            </span>
          ))}
        </div>
        <svg
          className="chart-bars"
          viewBox={`0 0 ${days.length} 100`}
          preserveAspectRatio="none"
          onPointerLeave={() => setPointed(undefined)}
        >
          {days.map(({ date, used_ms }, index) => {
            const height = (used_ms / topMs) * 100
            return (
              <g key={date} onPointerEnter={() => setPointed(index)} data-used-ms={used_ms}>
                <rect className="chart-slot" x={index} y={0} width={1} height={100} />
                <rect
                  className="chart-bar"
                  x={index + (1 - BAR_WIDTH) / 2}
                  y={100 - height}
                  width={BAR_WIDTH}
                  height={height}
                />
              </g>
            )
          })}
        </svg>
        <div className="chart-days">
          {days.map(({ date }, index) =>
            (days.length - 1 - index) % LABEL_EVERY === 0 ? (
              <span key={date} style={{ right: `${100 - ((index + 0.5) / days.length) * 100}%` }}>
                {formatDayShort(date)}
              </span>
            ) : null,
          )}
        </div>
      </div>
    </figure>
  )
}
