import { bytesToMs } from '@saywire/speech'
import type { AudioSource } from '../core/ports.ts'

/** Where the capture clock of a session was 0. */
export interface CaptureZero {
  /** On the clock of `performance.now()`, ms. */
  readonly performanceMs: number
  /** Epoch, ms. */
  readonly epochMs: number
}

/** A source that notes when its first audio was captured: nothing comes before it. */
export function withCaptureZero(source: AudioSource): {
  readonly source: AudioSource
  zero(): CaptureZero | undefined
} {
  let zero: CaptureZero | undefined
  function note(durationMs: number): void {
    zero ??= {
      performanceMs: performance.now() - durationMs,
      epochMs: Date.now() - durationMs,
    }
  }
  return {
    zero: () => zero,
    source: {
      ...source,
      run: async (listener, signal) =>
        source.run(
          {
            ...listener,
            onAudio(pcm) {
              note(bytesToMs(pcm.byteLength))
              listener.onAudio(pcm)
            },
            onGap(durationMs, reason) {
              note(durationMs)
              listener.onGap(durationMs, reason)
            },
          },
          signal,
        ),
    },
  }
}
