import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Metrics } from '../operations/metrics.ts'
import type { Leases, SessionEnd } from './leases.ts'

const RETRY_MIN_MS = 250
const RETRY_MAX_MS = 5000

/** The ends of this process's sessions: where the database is away they are put off, not lost. */
export interface Settlements {
  /** @param onSettled called once it is on the books, also where that takes until after an outage */
  settle(end: SessionEnd, onSettled: () => void): Promise<'settled' | 'postponed' | 'lost'>
  /** Resolves when none is put off any more. */
  settled(): Promise<void>
  /** What is not settled by now is left to other processes, or to the next start. */
  stop(): void
}

export function createSettlements(deps: {
  readonly leases: Pick<Leases, 'settle'>
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly metrics: Metrics
  readonly log: Logger
}): Settlements {
  const postponed = new Set<Promise<unknown>>()
  let stopped = false
  deps.metrics.watch('saywire_settlements_waiting', () => postponed.size)

  async function attempt(end: SessionEnd): Promise<'settled' | 'lost' | undefined> {
    try {
      return await deps.leases.settle(end)
    } catch (error) {
      const details = { err: error, session_id: end.sessionId, used_ms: end.audioMs }
      deps.log.error(details, 'session could not be settled yet')
      return undefined
    }
  }

  async function settleLater(end: SessionEnd, onSettled: () => void): Promise<void> {
    for (let waitMs = RETRY_MIN_MS; !stopped; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
      await sleep(waitMs)
      if (await attempt(end)) return onSettled()
    }
  }

  return {
    async settle(end, onSettled) {
      const endedAtMs = deps.now()
      const finish = (): void => {
        deps.metrics.observe('saywire_settle_seconds', deps.now() - endedAtMs)
        onSettled()
      }
      const outcome = await attempt(end)
      if (outcome) {
        finish()
        return outcome
      }
      const later = settleLater(end, finish)
      postponed.add(later)
      void later.finally(() => postponed.delete(later))
      return 'postponed'
    },
    async settled() {
      await Promise.all(postponed)
    },
    stop() {
      stopped = true
    },
  }
}
