import type { Clock } from './ports.ts'
import type { Delay } from './recovery.ts'
import type { SessionTimer } from './session.ts'

/** What a session waits for now: one time at most for each purpose. */
export interface SessionTimers {
  /** In place of the time that was set for the same before. */
  set(what: SessionTimer, delay: Delay, callback: () => void): void
  /** When, on the session's clock, ms; undefined where this is not waited for. */
  dueAtMs(what: SessionTimer): number | undefined
  cancelAll(): void
}

/** @param random from 0 to 1 */
export function createSessionTimers(clock: Clock, random: () => number): SessionTimers {
  const timers = new Map<SessionTimer, { readonly atMs: number; readonly cancel: () => void }>()
  return {
    set(what, { minMs, maxMs }, callback) {
      timers.get(what)?.cancel()
      const delayMs = minMs + Math.round(random() * (maxMs - minMs))
      const cancel = clock.after(delayMs, () => {
        timers.delete(what)
        callback()
      })
      timers.set(what, { atMs: clock.nowMs() + delayMs, cancel })
    },
    dueAtMs: (what) => timers.get(what)?.atMs,
    cancelAll() {
      for (const { cancel } of timers.values()) cancel()
      timers.clear()
    },
  }
}
