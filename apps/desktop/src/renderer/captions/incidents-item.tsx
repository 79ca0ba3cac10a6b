import { useId } from 'react'
import type { IncidentView } from '../../api/desktop-state.ts'
import { useDesktopState } from '../api/hooks.ts'
import { formatTime } from '../format/date.ts'
import { formatAmount } from '../format/duration.ts'
import { Icon } from '../ui/icon.tsx'

/** The newest; the log has all. */
const SHOWN = 6

/** What befell the chosen engine in this session; nothing where nothing did. */
export function IncidentsItem() {
  const id = useId()
  const { incidents, isRunning } = useDesktopState().session
  if (incidents.length === 0) return null
  const words = incidents.length === 1 ? '1 interruption' : `${incidents.length} interruptions`
  return (
    <li>
      <button type="button" className="status-item" popoverTarget={id}>
        <Icon name="warning" />
        <span>{words}</span>
      </button>
      <div
        id={id}
        popover="auto"
        className="menu incidents"
        role="dialog"
        aria-label="Interruptions of the speech engine"
      >
        <h3>Interruptions of the speech engine</h3>
        <ol aria-label="Newest first">
          {incidents
            .slice(-SHOWN)
            .toReversed()
            .map((incident) => (
              <Incident key={incident.atMs} incident={incident} isRunning={isRunning} />
            ))}
        </ol>
      </div>
    </li>
  )
}

interface IncidentProps {
  readonly incident: IncidentView
  /** The session that it befell. */
  readonly isRunning: boolean
}

function Incident({ incident, isRunning }: IncidentProps) {
  const { atMs, sentence, tookOver, backAtMs } = incident
  const notBack = isRunning ? '; not back yet.' : '; not back before captions ended.'
  return (
    <li>
      <p>
        <time className="number" dateTime={new Date(atMs).toISOString()}>
          {formatTime(atMs)}
        </time>{' '}
        {sentence}
      </p>
      <p className="quiet-text number">
        {tookOver
          ? `${tookOver.backend} took over after ${inSeconds(tookOver.atMs - atMs)}`
          : 'Nothing took over'}
        {backAtMs === undefined ? notBack : `; back after ${formatAmount(backAtMs - atMs)}.`}
      </p>
    </li>
  )
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
