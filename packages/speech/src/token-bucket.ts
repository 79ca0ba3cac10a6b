/**
 * Admits a burst at once, then a steady rate. What is counted is the owner's: ms of audio, messages.
 */
export interface TokenBucket {
  /** Takes `amount` where the allowance covers it; otherwise takes nothing and returns false. */
  take(amount: number, nowMs: number): boolean
  /** Adds to the allowance, also beyond the burst. */
  give(amount: number): void
}

export interface TokenBucketOptions {
  readonly burst: number
  /** What comes back per ms. */
  readonly perMs: number
}

/** @param nowMs monotonic clock, as in every `take()` */
export function createTokenBucket(
  nowMs: number,
  { burst, perMs }: TokenBucketOptions,
): TokenBucket {
  let allowance = burst
  let lastMs = nowMs
  return {
    take(amount, now) {
      const regained = Math.min(burst, allowance + (now - lastMs) * perMs)
      // More than the burst where it was given.
      allowance = Math.max(allowance, regained)
      lastMs = now
      if (allowance < amount) return false
      allowance -= amount
      return true
    },
    give(amount) {
      allowance += amount
    },
  }
}
