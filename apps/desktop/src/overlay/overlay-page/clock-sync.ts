import type { ClockMessage } from '../overlay-messages.ts'

/** How far the server's clock is ahead of the page's. */
export interface ClockOffset {
  readonly aheadMs: number
  /** Half the round trip that it was measured by: it cannot be off by more. */
  readonly uncertaintyMs: number
}

export interface ClockSync {
  /** The best there is; undefined until a first measurement came back. */
  readonly offset: ClockOffset | undefined
}

/** Measurements right away, then one now and then. */
const FIRST_COUNT = 5
const FIRST_EVERY_MS = 200
const LATER_EVERY_MS = 15_000
/** Measurements older than this are left out: two clocks drift apart. */
const KEEP = 8

/**
 * Compares the page's clock with the server's as NTP does: the smallest of several round trips has
 * the least room for error. Both are monotonic, so that no change of the computer's time matters.
 */
export function createClockSync(): ClockSync {
  const measured: ClockOffset[] = []
  let count = 0
  void measure()

  async function measure(): Promise<void> {
    try {
      const sentAtMs = performance.now()
      const response = await fetch('/clock', { cache: 'no-store' })
      const receivedAtMs = performance.now()
      const { nowMs } = (await response.json()) as ClockMessage
      const uncertaintyMs = (receivedAtMs - sentAtMs) / 2
      measured.push({ aheadMs: nowMs - sentAtMs - uncertaintyMs, uncertaintyMs })
      if (measured.length > KEEP) measured.shift()
    } catch {
      // The server is gone for a while; another one has another clock.
      measured.length = 0
      count = 0
    }
    count += 1
    setTimeout(() => void measure(), count < FIRST_COUNT ? FIRST_EVERY_MS : LATER_EVERY_MS)
  }

  return {
    get offset() {
      let best = measured[0]
      for (const one of measured) if (best && one.uncertaintyMs < best.uncertaintyMs) best = one
      return best
    },
  }
}
