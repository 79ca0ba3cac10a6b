import type { EventLoopUtilization } from 'node:perf_hooks'

const SAMPLE_MS = 1000
/** Of the newest sample: a burst of work is over soon, a load that stays shows within seconds. */
const NEWEST_WEIGHT = 0.4

/** How busy this process's event loop is, which carries every session's audio. */
export interface ProcessLoad {
  /** Share of the last seconds in which it worked, 0–1. */
  readonly share: number
  stop(): void
}

/** @param read Node's own measure; time in which the process wanted a processor and got none counts */
export function createProcessLoad(
  read: (
    now?: EventLoopUtilization,
    before?: EventLoopUtilization,
  ) => EventLoopUtilization = performance.eventLoopUtilization,
): ProcessLoad {
  let before = read()
  let share = 0
  const timer = setInterval(() => {
    const now = read()
    share += NEWEST_WEIGHT * (read(now, before).utilization - share)
    before = now
  }, SAMPLE_MS).unref()
  return {
    get share() {
      return share
    },
    stop: () => clearInterval(timer),
  }
}
