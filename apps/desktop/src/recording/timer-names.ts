/**
 * Names timers by their delay and their number among those of the same delay: `250 ms #2`. So a
 * program that has learned to set more timers of another kind still finds those of an older
 * recording.
 */
export function createTimerNames(): (delayMs: number) => string {
  const counts = new Map<number, number>()
  return (delayMs) => {
    const count = (counts.get(delayMs) ?? 0) + 1
    counts.set(delayMs, count)
    return `${delayMs} ms #${count}`
  }
}
