/** When to try again what has failed, for a bounded time. Pure: calls carry the time. */
export interface RetryPlan {
  /**
   * How long to wait before the next attempt, and how long that may take.
   * @param retryAfterMs what the other side asked for; waited for where the bound allows it
   * @returns undefined where the time is over
   */
  next(nowMs: number, retryAfterMs?: number): Attempt | undefined
  /** It works again: the next failure has all the time. */
  succeeded(): void
}

export interface Attempt {
  readonly delayMs: number
  readonly leftMs: number
}

/**
 * The first attempt comes almost at once, the others at growing distances. Both are spread: one
 * failure often hits every session in the same moment, and they must not come back as one.
 */
const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 4000
/** There is no use in dialling for less. */
const MIN_ATTEMPT_MS = 500

/** @param random uniform in [0, 1) */
export function createRetryPlan(giveUpAfterMs: number, random: () => number): RetryPlan {
  let sinceMs: number | undefined
  let attempts = 0
  return {
    next(nowMs, retryAfterMs = 0) {
      sinceMs ??= nowMs
      const leftMs = sinceMs + giveUpAfterMs - nowMs
      const backoffMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempts)
      const spreadMs = backoffMs * (attempts === 0 ? random() : 0.5 + random() / 2)
      attempts += 1
      const delayMs = Math.max(retryAfterMs, Math.min(spreadMs, leftMs / 2))
      return leftMs - delayMs < MIN_ATTEMPT_MS ? undefined : { delayMs, leftMs: leftMs - delayMs }
    },
    succeeded() {
      sinceMs = undefined
      attempts = 0
    },
  }
}
