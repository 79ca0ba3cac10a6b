/**
 * `finals-only`: a session that is late does the least that gives every word its final. Interims cost the most
 * and are worth the least; finals that begin before their speech is over may be for nothing.
 */
export type Pace = 'full' | 'finals-only'

export interface CatchUpLimits {
  /** Lag, ms, from which on there are only finals, none begun early. */
  readonly finalsOnlyFromMs: number
  /** Below it, ms, a session is on time. */
  readonly onTimeBelowMs: number
  /**
   * On time for so long, ms, it does everything again; sooner, what it takes up again would throw it
   * back. Doubles for a session that falls behind again within a minute, up to a minute.
   */
  readonly calmMs: number
}

const CALM_MAX_MS = 60_000

/** A final that is decoded again, in another language, may take a slow computer 4 s although nothing else is to be done. */
export const defaultCatchUpLimits: CatchUpLimits = {
  finalsOnlyFromMs: 5000,
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

/** Pure: what to do about a lag. */
export function createCatchUp(limits: CatchUpLimits = defaultCatchUpLimits): CatchUp {
  let pace: Pace = 'full'
  let calmMs = limits.calmMs
  let caughtUpAtMs = Number.NEGATIVE_INFINITY
  /** Since when the session has been on time at this pace, without a break. */
  let onTimeSinceMs: number | undefined

  function fallBehind(nowMs: number): void {
    const isAgain = nowMs - caughtUpAtMs < CALM_MAX_MS
    calmMs = isAgain ? Math.min(CALM_MAX_MS, calmMs * 2) : limits.calmMs
    pace = 'finals-only'
  }

  return {
    get pace() {
      return pace
    },
    observe(lagMs, nowMs) {
      if (lagMs >= limits.onTimeBelowMs) onTimeSinceMs = undefined
      else onTimeSinceMs ??= nowMs
      if (pace === 'full') {
        if (lagMs >= limits.finalsOnlyFromMs) fallBehind(nowMs)
      } else if (onTimeSinceMs !== undefined && nowMs - onTimeSinceMs >= calmMs) {
        pace = 'full'
        caughtUpAtMs = nowMs
      }
      return pace
    },
  }
}
