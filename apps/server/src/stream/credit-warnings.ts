/** Decides when a client is told that its credit runs out. */
export interface CreditWarnings {
  /**
   * @param unspentMs what is left in all
   * @returns whole seconds left, where a threshold has been crossed downward since the last call
   */
  update(unspentMs: number): number | undefined
}

/**
 * Once per threshold and downward crossing: a top-up above it arms it again. Beginning below one
 * counts as a crossing, and crossing several at once is one warning.
 * @param thresholdsS seconds of audio
 */
export function createCreditWarnings(thresholdsS: readonly number[]): CreditWarnings {
  let lastMs = Number.POSITIVE_INFINITY
  return {
    update(unspentMs) {
      const crossed = thresholdsS.some((s) => lastMs > s * 1000 && unspentMs <= s * 1000)
      lastMs = unspentMs
      return crossed ? Math.floor(unspentMs / 1000) : undefined
    },
  }
}
