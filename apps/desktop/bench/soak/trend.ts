/**
 * The slope of a series whose single values jump: the median of the slopes between all pairs
 * (Theil 1950, Sen 1968). Up to a quarter of the values may be far off and it does not move.
 * @returns change of `y` for each 1 of `x`; 0 for fewer than two points
 */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const slopes = points
    .flatMap((a, i) => points.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x)))
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)
  const middle = slopes.length >> 1
  if (slopes.length === 0) return 0
  const upper = slopes[middle] ?? 0
  return slopes.length % 2 === 1 ? upper : ((slopes[middle - 1] ?? 0) + upper) / 2
}
