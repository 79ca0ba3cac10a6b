const MINUTE_MS = 60_000
/** Steps between grid lines that read well, in minutes. */
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720]
const LINES_MAX = 4

/**
 * Grid lines for a chart of durations, from 0 up to the first one at or above the largest value.
 * @param largestMs 0 gives an axis of one minute
 * @returns ms, ascending, at most 5
 */
export function gridLines(largestMs: number): number[] {
  const minutes = largestMs / MINUTE_MS
  const step = STEPS_MIN.find((step) => minutes <= step * LINES_MAX) ?? 1440
  const count = Math.max(1, Math.ceil(minutes / step))
  return Array.from({ length: count + 1 }, (_, line) => line * step * MINUTE_MS)
}
