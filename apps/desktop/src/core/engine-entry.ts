import type { CommittedHorizon } from './committed-horizon.ts'
import type { EngineClock } from './engine-clock.ts'
import { FILLED_GAP_MS } from './engine-clock.ts'
import type { Link } from './engine-link.ts'
import type { ReplayAudio } from './replay-audio.ts'

/** Heard again ahead of the horizon, so that the first word does not begin in the middle. */
export const PRE_ROLL_MS = 300

export interface EngineEntryDeps {
  readonly times: EngineClock
  readonly replay: ReplayAudio
  readonly horizon: CommittedHorizon
  onUnheard(durationMs: number): void
}

/** Where an engine that takes over comes in: each answers the audio time that it is fed from. */
export interface EngineEntry {
  /** A new session: at the horizon, less a pre-roll. What is not kept any more is told and passed over. */
  begin(link: Link): number
  /**
   * A session that was lost: exactly at the sample that it lacks. Its clock and its account go on.
   * Undefined where that is not kept any more.
   */
  goOn(link: Link, former: Link, resumedFromMs: number): number | undefined
}

export function createEngineEntry(deps: EngineEntryDeps): EngineEntry {
  const { times, replay, horizon } = deps
  return {
    begin(link) {
      const unheardMs = Math.ceil(replay.startMs) - horizon.ms
      if (unheardMs > 0) {
        horizon.commit(horizon.ms + unheardMs)
        deps.onUnheard(unheardMs)
      }
      const preRollMs = Math.max(Math.ceil(replay.startMs), Math.floor(horizon.ms) - PRE_ROLL_MS)
      // Beyond a gap nothing belongs to what comes; and whoever is muted need not say it again.
      const gapMs = times.gapsBetween(preRollMs, horizon.ms, FILLED_GAP_MS).at(-1) ?? preRollMs
      link.baseMs = Math.ceil(gapMs)
      return link.baseMs
    },
    goOn(link, former, resumedFromMs) {
      link.baseMs = former.baseMs
      link.usageMs = former.usageMs
      const fromMs = link.baseMs + resumedFromMs
      return fromMs >= replay.startMs && fromMs <= times.audioMs ? fromMs : undefined
    },
  }
}
