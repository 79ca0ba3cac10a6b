import { BYTES_PER_MS } from '@saywire/protocol'

/**
 * A shorter gap is filled with silence: what was said around it still belongs together, and
 * recognisers take silence better than a jump in the sound. A longer one is left out.
 */
export const FILLED_GAP_MS = 200
/** Gaps that are remembered at most; beyond it the oldest are forgotten. A bound, not a plan. */
const GAPS_MAX = 4096

/**
 * Two clocks of one session, and the way from one to the other. *Audio time* counts what is there
 * to be transcribed: engines know no other. *Capture time* also counts what is missing: muted,
 * lost, or between two microphones. Missing audio is never sent as silence, so that nobody pays
 * for it, and audio time stands still while capture time goes on.
 */
export interface EngineClock {
  /** Audio so far, ms. */
  readonly audioMs: number
  /** Audio and gaps so far, ms. */
  readonly captureMs: number
  addAudio(bytes: number): void
  addGap(durationMs: number): void
  /**
   * Capture time, in whole ms, of what begins at this audio time: at a gap, its far side.
   * Monotonic, like `endToCaptureMs`, and never behind it.
   */
  startToCaptureMs(audioMs: number): number
  /** Capture time, in whole ms, of what ends at this audio time: at a gap, its near side. */
  endToCaptureMs(audioMs: number): number
  /** Audio times, rising, of the gaps within `(fromMs, toMs]` that last at least `minMs`. */
  gapsBetween(fromMs: number, toMs: number, minMs: number): number[]
  /** Nothing before this audio time will be asked for any more. */
  forgetBefore(audioMs: number): void
}

/** Audio from `audioMs` on lies at `captureMs` and after, up to the next stretch. */
interface Stretch {
  readonly audioMs: number
  readonly captureMs: number
}

export function createEngineClock(): EngineClock {
  let stretches: Stretch[] = [{ audioMs: 0, captureMs: 0 }]
  let audioBytes = 0
  let gapsMs = 0
  const audioMs = () => audioBytes / BYTES_PER_MS

  /** The last stretch that `isReached`; the newest are asked for most. */
  function toCapture(atMs: number, isReached: (stretch: Stretch) => boolean): number {
    const stretch = stretches.findLast(isReached) ?? stretches[0]
    return Math.round(stretch ? stretch.captureMs + (atMs - stretch.audioMs) : atMs)
  }

  return {
    get audioMs() {
      return audioMs()
    },
    get captureMs() {
      return audioMs() + gapsMs
    },
    addAudio(bytes) {
      audioBytes += bytes
    },
    addGap(durationMs) {
      if (!(durationMs > 0)) return
      gapsMs += durationMs
      // Gaps without audio between them are one.
      if (stretches.at(-1)?.audioMs === audioMs()) stretches.pop()
      stretches.push({ audioMs: audioMs(), captureMs: audioMs() + gapsMs })
      if (stretches.length > GAPS_MAX) stretches.shift()
    },
    startToCaptureMs: (atMs) => toCapture(atMs, (stretch) => stretch.audioMs <= atMs),
    endToCaptureMs: (atMs) => toCapture(atMs, (stretch) => stretch.audioMs < atMs),
    gapsBetween(fromMs, toMs, minMs) {
      return stretches
        .filter(({ audioMs, captureMs }, index) => {
          const before = stretches[index - 1]
          const gapMs = before ? captureMs - audioMs - (before.captureMs - before.audioMs) : 0
          return audioMs > fromMs && audioMs <= toMs && gapMs >= minMs
        })
        .map(({ audioMs }) => audioMs)
    },
    forgetBefore(atMs) {
      const first = stretches.findLastIndex(({ audioMs }) => audioMs < atMs)
      if (first > 0) stretches = stretches.slice(first)
    },
  }
}
