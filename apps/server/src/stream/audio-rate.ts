import { AUDIO_BURST_MS, AUDIO_MAX_RATE, BYTES_PER_MS } from '@saywire/protocol'

/**
 * Token bucket over audio time: `burstMs` of audio at once, then `maxRate` times real time. Audio
 * that comes faster is a bug or somebody's credits burning, and it costs upstream either way.
 */
export interface AudioRate {
  /** False when these bytes exceed the allowance. `nowMs` is a monotonic clock. */
  admit(bytes: number, nowMs: number): boolean
}

export function createAudioRate(
  nowMs: number,
  { burstMs = AUDIO_BURST_MS, maxRate = AUDIO_MAX_RATE } = {},
): AudioRate {
  let allowanceMs = burstMs
  let lastMs = nowMs
  return {
    admit(bytes, now) {
      allowanceMs = Math.min(burstMs, allowanceMs + (now - lastMs) * maxRate)
      lastMs = now
      allowanceMs -= bytes / BYTES_PER_MS
      return allowanceMs >= 0
    },
  }
}
