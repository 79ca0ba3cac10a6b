/** Audio between the beginnings of two interims, ms, at least. */
export const INTERIM_EVERY_MS = 450
/** Between the beginnings of two interims there are so many times as long as the last one took. */
export const INTERIM_SPACING = 3

/** When a session may have its next interim. */
export interface InterimPace {
  /** @param heardMs audio so far */
  isDue(heardMs: number): boolean
  begin(heardMs: number): void
  end(): void
}

/**
 * Interims as often as they are cheap: they never take more than a share of the decoder, so the final that
 * comes now seldom finds it busy, and a computer that is busy with other things is asked for less.
 */
export function createInterimPace(now: () => number): InterimPace {
  let heardAtMs = Number.NEGATIVE_INFINITY
  let startedAtMs = 0
  let dueAtMs = Number.NEGATIVE_INFINITY
  return {
    isDue: (heardMs) => heardMs - heardAtMs >= INTERIM_EVERY_MS && now() >= dueAtMs,
    begin(heardMs) {
      heardAtMs = heardMs
      startedAtMs = now()
    },
    end() {
      dueAtMs = startedAtMs + INTERIM_SPACING * (now() - startedAtMs)
    },
  }
}
