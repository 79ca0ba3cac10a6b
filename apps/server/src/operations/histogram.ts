/** How often values fell into which bucket. Adding one allocates nothing. */
export interface Histogram {
  observe(value: number): void
  /** Upper bounds of the buckets, ascending; beyond the last is one more. */
  readonly bounds: readonly number[]
  /** Of each bucket by itself. */
  readonly counts: Float64Array
  readonly sum: number
}

export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1)
  // A plain variable would be a new object on the heap at each change.
  const sum = new Float64Array(1)
  return {
    observe(value) {
      let bucket = 0
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
      counts[bucket] = (counts[bucket] ?? 0) + 1
      sum[0] = (sum[0] ?? 0) + value
    },
    bounds,
    counts,
    get sum() {
      return sum[0] ?? 0
    },
  }
}
