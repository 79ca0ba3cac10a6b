import type { ServerMessage } from '@saywire/protocol'
import type { Metrics } from '../operations/metrics.ts'

/** What the way of the audio counts. None of it allocates. */
export interface StreamMeasures {
  readonly received: (bytes: number) => void
  readonly forwarded: (bytes: number) => void
  readonly billed: (bytes: number) => void
  /** From the arrival of a message to its last byte's hand-over, ms. */
  readonly frame: (ms: number) => void
  readonly firstTranscript: (ms: number) => void
  readonly transcriptLag: (ms: number) => void
  /** What is rare. */
  readonly metrics: Metrics
}

export function createStreamMeasures(metrics: Metrics): StreamMeasures {
  return {
    received: metrics.adder('saywire_audio_received_seconds_total'),
    forwarded: metrics.adder('saywire_audio_forwarded_seconds_total'),
    billed: metrics.adder('saywire_audio_billed_seconds_total'),
    frame: metrics.observer('saywire_frame_forward_seconds'),
    firstTranscript: metrics.observer('saywire_first_transcript_seconds'),
    transcriptLag: metrics.observer('saywire_transcript_lag_seconds'),
    metrics,
  }
}

/** How promptly one session gets its words. */
export interface WordsWatch {
  /** Audio was handed to the backend. */
  heard(): void
  /** @param positionMs of the audio that has arrived */
  said(message: ServerMessage, positionMs: number): void
}

export function watchWords(
  { firstTranscript, transcriptLag }: StreamMeasures,
  now: () => number,
): WordsWatch {
  let firstAudioAtMs: number | undefined
  let isFirst = true
  return {
    heard() {
      firstAudioAtMs ??= now()
    },
    said(message, positionMs) {
      if (message.type !== 'transcript' || message.text === '') return
      if (isFirst && firstAudioAtMs !== undefined) firstTranscript(now() - firstAudioAtMs)
      isFirst = false
      // A final is late by what makes it one: the pause that was waited for.
      if (!message.is_final) transcriptLag(Math.max(0, positionMs - message.end_ms))
    },
  }
}
