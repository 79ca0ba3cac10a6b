import type { Metrics } from './metrics.ts'

/** Hears of every call of a procedure, over whatever transport. */
export interface CallWatch {
  /**
   * @param path of the procedure; it exists
   * @returns to be called with its outcome: `ok`, or the code of its error
   */
  begin(path: string): (code: string) => void
}

/** @param now monotonic clock, ms */
export function createCallWatch(metrics: Metrics, now: () => number): CallWatch {
  return {
    begin(procedure) {
      const beganAtMs = now()
      return (code) => {
        metrics.count('saywire_calls_total', { procedure, code })
        metrics.observe('saywire_call_seconds', now() - beganAtMs, { procedure })
      }
    },
  }
}
