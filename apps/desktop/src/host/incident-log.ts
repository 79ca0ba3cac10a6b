import type { IncidentView } from '../api/desktop-state.ts'
import type { SessionStatus } from '../core/session-runner.ts'

/** Incidents of one session that are kept; the log file has all of them. */
const INCIDENTS_MAX = 50

export interface IncidentLogDeps {
  log(level: 'info' | 'warning', sentence: string): void
  /** Epoch, ms. */
  readonly now: () => number
}

export interface IncidentLog {
  /** Another session begins. */
  begin(): void
  /** @returns all incidents of the session, as they are by this status */
  follow(status: SessionStatus): readonly IncidentView[]
}

/** What befell the chosen engine: when, what took over, and when it was back. */
export function createIncidentLog({ log, now }: IncidentLogDeps): IncidentLog {
  let incidents: readonly IncidentView[] = []
  let open: IncidentView | undefined

  function change(next: IncidentView): void {
    const others = open ? incidents.slice(0, -1) : incidents
    incidents = [...others, next].slice(-INCIDENTS_MAX)
    open = next
  }

  const since = (atMs: number) => `after ${((now() - atMs) / 1000).toFixed(1)} s`

  return {
    begin() {
      incidents = []
      open = undefined
    },
    follow({ indicator, trouble, isFallback, backend }) {
      if (trouble && trouble.sentence !== open?.sentence) {
        log('warning', `The speech engine is away: ${trouble.sentence}`)
        if (open) change({ ...open, sentence: trouble.sentence })
        else
          change({
            atMs: now(),
            sentence: trouble.sentence,
            tookOver: undefined,
            backAtMs: undefined,
          })
      }
      if (open && isFallback && backend !== undefined && !open.tookOver) {
        log('info', `${backend} has taken over ${since(open.atMs)}.`)
        change({ ...open, tookOver: { atMs: now(), backend } })
      }
      const isOver =
        indicator.kind === 'idle' || indicator.kind === 'stopping' || indicator.kind === 'failed'
      if (open && !trouble && !isOver) {
        log('info', `${backend ?? 'The speech engine'} is back ${since(open.atMs)}.`)
        change({ ...open, backAtMs: now() })
        open = undefined
      }
      return incidents
    },
  }
}
