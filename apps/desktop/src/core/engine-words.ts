import type { SpeechEvent } from '@saywire/speech'
import { wordsFrom } from '@saywire/speech'
import { onCaptureClock } from './caption-times.ts'
import type { CommittedHorizon } from './committed-horizon.ts'
import type { EngineClock } from './engine-clock.ts'
import type { Link } from './engine-link.ts'
import type { LatencyTracker } from './latency.ts'
import type { Clock } from './ports.ts'

export interface EngineWordsDeps {
  readonly clock: Clock
  readonly latency: LatencyTracker
  readonly times: EngineClock
  readonly horizon: CommittedHorizon
  /** On the capture clock, and each word once. */
  onEvent(event: SpeechEvent): void
}

/** What engines say, on its way to the captions. */
export interface EngineWords {
  /** Each ms that any of the session's engines accepted counts once. */
  account(link: Link, audioMs: number): void
  /** What is new of it, at its time. */
  take(link: Link, event: SpeechEvent): void
}

export function createEngineWords(deps: EngineWordsDeps): EngineWords {
  const { clock, latency, times, horizon, onEvent } = deps
  let usageMs = 0
  return {
    account(link, audioMs) {
      usageMs += Math.max(0, audioMs - link.usageMs)
      link.usageMs = Math.max(link.usageMs, audioMs)
      onEvent({ type: 'usage', audioMs: usageMs })
    },
    take(link, event) {
      if (event.type !== 'interim' && event.type !== 'final') {
        return onEvent(onCaptureClock(event, link.baseMs, times))
      }
      link.interimFromMs = event.type === 'interim' ? link.baseMs + event.startMs : undefined
      horizon.onResult(link.baseMs + event.endMs)
      if (event.type === 'final') horizon.commit(link.baseMs + event.endMs)
      const words = wordsFrom(event, link.fromMs - link.baseMs)
      if (!words) return
      const timed = onCaptureClock(words, link.baseMs, times)
      const wordsEndMs = link.baseMs + (words.words.at(-1)?.endMs ?? words.endMs)
      if (words.text !== '') latency.onCaption(event.type, wordsEndMs, timed.endMs, clock.nowMs())
      onEvent(timed)
    },
  }
}
