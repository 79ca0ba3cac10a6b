import type { AudioListener, AudioSource } from '../core/ports.ts'
import { createDeferred } from './deferred.ts'
import { reviveCaptureError } from './recorded-event.ts'
import type { RecordedEntry } from './recording-format.ts'

/** A source that delivers what the recording says. */
export interface ReplaySource {
  readonly source: AudioSource
  /** Entries that are not about the source do nothing. */
  take(entry: RecordedEntry): void
}

export function createReplaySource(): ReplaySource {
  const over = createDeferred<void>()
  let listener: AudioListener | undefined
  return {
    source: {
      name: 'recording',
      async run(to) {
        listener = to
        await over.promise
      },
    },
    take(entry) {
      switch (entry.type) {
        case 'audio':
          return listener?.onAudio(soundOf(entry))
        case 'gap':
          return listener?.onGap(entry.durationMs, entry.reason)
        case 'device':
          return listener?.onDevice?.(
            entry.device === null ? undefined : `microphone ${entry.device}`,
          )
        case 'source-over':
          if (entry.error) over.reject(reviveCaptureError(entry.error))
          else over.resolve()
      }
    },
  }
}

/** Silence where the sound was not kept: what engines made of it is recorded. */
function soundOf({ bytes, pcm }: Extract<RecordedEntry, { type: 'audio' }>): Uint8Array {
  return pcm === undefined ? new Uint8Array(bytes) : new Uint8Array(Buffer.from(pcm, 'base64'))
}
