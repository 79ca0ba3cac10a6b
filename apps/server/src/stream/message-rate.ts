/**
 * Token bucket over text messages, which are few in any honest session: a flood of them must not
 * cost the other sessions anything.
 */
export interface MessageRate {
  /** False when this message exceeds the allowance. `nowMs` is a monotonic clock. */
  admit(nowMs: number): boolean
}

export function createMessageRate(nowMs: number, burst = 50, perSecond = 20): MessageRate {
  let allowance = burst
  let lastMs = nowMs
  return {
    admit(now) {
      allowance = Math.min(burst, allowance + ((now - lastMs) * perSecond) / 1000)
      lastMs = now
      if (allowance < 1) return false
      allowance -= 1
      return true
    },
  }
}
