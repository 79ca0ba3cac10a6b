import type { Metrics } from './metrics.ts'
import type { Span } from './tracing.ts'

/** Hears of every call of a procedure, over whatever transport. */
export interface CallWatch {
  /**
   * @param path of the procedure; it exists
   * @param parent of the request that brought it
   * @returns to be called with its outcome: `ok`, or the code of its error
   */
  begin(path: string, parent: Span | undefined): (code: string) => void
}

/** Codes of failures that are the server's, not the caller's. */
const OURS: ReadonlySet<string> = new Set(['internal', 'unavailable'])

/** @param now monotonic clock, ms */
export function createCallWatch(metrics: Metrics, now: () => number): CallWatch {
  return {
    begin(procedure, parent) {
      const beganAtMs = now()
      const span = parent?.child(procedure)
      return (code) => {
        span?.set({ 'saywire.code': code })
        span?.end(OURS.has(code) ? code : undefined)
        metrics.count('saywire_calls_total', { procedure, code })
        metrics.observe('saywire_call_seconds', now() - beganAtMs, { procedure })
      }
    },
  }
}
