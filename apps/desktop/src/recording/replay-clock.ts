import type { Clock } from '../core/ports.ts'
import { createTimerNames } from './timer-names.ts'

export interface ReplayClock extends Clock {
  /** Time as of the next entry. */
  moveTo(ms: number): void
  /** The recording says that this timer came due, however late. */
  fire(timer: string): void
  /**
   * Fires the next timer that is due before `ms` by the clock alone: the recording knows nothing of
   * it, because the session decides otherwise than the recorded one. Returns whether there was one.
   */
  fireUnrecorded(ms: number): boolean
}

interface Pending {
  readonly atMs: number
  readonly callback: () => void
}

/** @param recorded timers of which the recording says that they came due, or were cancelled */
export function createReplayClock(recorded: ReadonlySet<string>): ReplayClock {
  const nameOf = createTimerNames()
  const pending = new Map<string, Pending>()
  let nowMs = 0

  function fire(timer: string): void {
    const due = pending.get(timer)
    pending.delete(timer)
    due?.callback()
  }

  return {
    nowMs: () => nowMs,
    after(delayMs, callback) {
      const timer = nameOf(delayMs)
      pending.set(timer, { atMs: nowMs + delayMs, callback })
      return () => pending.delete(timer)
    },
    moveTo(ms) {
      nowMs = ms
    },
    fire,
    fireUnrecorded(ms) {
      const unrecorded = [...pending].filter(([timer]) => !recorded.has(timer))
      const [next] = unrecorded.toSorted(([, a], [, b]) => a.atMs - b.atMs)
      if (!next || next[1].atMs >= ms) return false
      nowMs = Math.max(nowMs, next[1].atMs)
      fire(next[0])
      return true
    },
  }
}
