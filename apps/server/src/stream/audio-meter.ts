import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'

/**
 * Counts one session's audio in bytes and cuts it, at the exact sample, where the covered budget
 * ends. Milliseconds are always taken from the cumulative count, so nothing is lost to rounding.
 */
export interface AudioMeter {
  /** Bytes of `offered` (whole samples) that the budget still covers; they count as used. */
  take(offeredBytes: number): number
  readonly usedBytes: number
  /** Whole ms used, rounded down. */
  readonly usedMs: number
}

export function createAudioMeter(budgetMs: number): AudioMeter {
  const budgetBytes = budgetMs * BYTES_PER_MS
  let usedBytes = 0
  return {
    take(offeredBytes) {
      const whole = offeredBytes - (offeredBytes % BYTES_PER_SAMPLE)
      const granted = Math.min(whole, budgetBytes - usedBytes)
      usedBytes += granted
      return granted
    },
    get usedBytes() {
      return usedBytes
    },
    get usedMs() {
      return Math.floor(usedBytes / BYTES_PER_MS)
    },
  }
}
