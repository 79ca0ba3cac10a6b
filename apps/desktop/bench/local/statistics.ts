/** The value below which this share (0–1) of the values lies, between two where it falls there. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) return undefined
  return low + (high - low) * (at - Math.floor(at))
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : sumOf(values) / values.length
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/**
 * How often one of the `high` is above one of the `low` when two are drawn (area under the ROC
 * curve): 0.5 tells nothing, 1 tells them apart. Undefined where either has none.
 */
export function separation(high: readonly number[], low: readonly number[]): number | undefined {
  if (high.length === 0 || low.length === 0) return undefined
  const wins = high.map((a) => sumOf(low.map((b) => (a > b ? 1 : a === b ? 0.5 : 0))))
  return sumOf(wins) / (high.length * low.length)
}
