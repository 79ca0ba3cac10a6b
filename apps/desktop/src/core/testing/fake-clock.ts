import type { Clock } from '../ports.ts'

export interface FakeClock extends Clock {
  /** Lets time go by; whatever becomes due meanwhile is called in order. */
  advance(ms: number): void
  /** Delays, from now, of what waits. */
  readonly waitingMs: readonly number[]
}

/** A clock that moves only when it is told to. */
export function createFakeClock(): FakeClock {
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()
  let nowMs = 0
  const inOrder = () => [...timers].toSorted((a, b) => a.atMs - b.atMs)
  return {
    nowMs: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const untilMs = nowMs + ms
      for (let [next] = inOrder(); next && next.atMs <= untilMs; [next] = inOrder()) {
        timers.delete(next)
        nowMs = next.atMs
        next.callback()
      }
      nowMs = untilMs
    },
    get waitingMs() {
      return inOrder().map(({ atMs }) => atMs - nowMs)
    },
  }
}
