/**
 * What a session lets go of to be on time again, the least of it first: interims cost the most and
 * are worth the least; a window that is cut to the speech costs some accuracy.
 */
export type Pace = 'full' | 'finals-only' | 'short-context'

export interface CatchUpLimits {
  /** Lag, ms, from which on there are no interims. */
  readonly finalsOnlyFromMs: number
  /** Lag, ms, from which on finals are decoded in a window as long as their audio. */
  readonly shortContextFromMs: number
  /** Below it, ms, a session is on time. */
  readonly onTimeBelowMs: number
  /**
   * On time for so long, ms, it takes a step back; sooner, what it takes up again would throw it
   * back. Doubles for a session that falls behind again within a minute, up to a minute.
   */
  readonly calmMs: number
}

const CALM_MAX_MS = 60_000

/** Two slow cores take up to 4 s for a final although nothing else is to be done. */
export const defaultCatchUpLimits: CatchUpLimits = {
  finalsOnlyFromMs: 5000,
  shortContextFromMs: 8000,
  onTimeBelowMs: 4000,
  calmMs: 5000,
}

export interface CatchUp {
  readonly pace: Pace
  /**
   * @param lagMs how long the oldest speech that is over has been waiting to become a final
   * @param nowMs monotonic clock
   * @returns the pace from now on
   */
  observe(lagMs: number, nowMs: number): Pace
}

/** Pure: what to do about a lag. Both steps are taken at once where it jumps, and back one by one. */
export function createCatchUp(limits: CatchUpLimits = defaultCatchUpLimits): CatchUp {
  let pace: Pace = 'full'
  let calmMs = limits.calmMs
  let caughtUpAtMs = Number.NEGATIVE_INFINITY
  /** Since when the session has been on time at this pace, without a break. */
  let onTimeSinceMs: number | undefined

  function fallBehind(to: Pace, nowMs: number): void {
    if (pace === 'full') {
      const isAgain = nowMs - caughtUpAtMs < CALM_MAX_MS
      calmMs = isAgain ? Math.min(CALM_MAX_MS, calmMs * 2) : limits.calmMs
    }
    pace = to
  }

  function stepBack(nowMs: number): void {
    pace = pace === 'short-context' ? 'finals-only' : 'full'
    onTimeSinceMs = nowMs
    if (pace === 'full') caughtUpAtMs = nowMs
  }

  return {
    get pace() {
      return pace
    },
    observe(lagMs, nowMs) {
      if (lagMs >= limits.onTimeBelowMs) onTimeSinceMs = undefined
      else onTimeSinceMs ??= nowMs
      if (lagMs >= limits.shortContextFromMs) fallBehind('short-context', nowMs)
      else if (pace === 'full' && lagMs >= limits.finalsOnlyFromMs) fallBehind('finals-only', nowMs)
      else if (pace !== 'full' && onTimeSinceMs !== undefined) {
        if (nowMs - onTimeSinceMs >= calmMs) stepBack(nowMs)
      }
      return pace
    },
  }
}
