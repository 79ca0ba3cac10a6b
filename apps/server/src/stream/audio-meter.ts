import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'

/**
 * Counts one session's audio in bytes and cuts it, at the exact sample, where its cover ends.
 * Milliseconds are always taken from the cumulative count, so nothing is lost to rounding.
 */
export interface AudioMeter {
  /**
   * Bytes of `offered` (whole samples) that the cover still has room for; they count as used.
   * @param coveredMs counted from the session's start
   */
  take(offeredBytes: number, coveredMs: number): number
  readonly usedBytes: number
  /** Whole ms used, rounded down. */
  readonly usedMs: number
}

export function createAudioMeter(): AudioMeter {
  let usedBytes = 0
  return {
    take(offeredBytes, coveredMs) {
      const whole = offeredBytes - (offeredBytes % BYTES_PER_SAMPLE)
      const granted = Math.max(0, Math.min(whole, coveredMs * BYTES_PER_MS - usedBytes))
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
