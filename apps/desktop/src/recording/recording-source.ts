import type { AudioSource } from '../core/ports.ts'
import { recordError } from './recorded-event.ts'
import type { SessionLog } from './session-log.ts'

/**
 * A source that writes down what it delivers. While the user is muted no sound is written, whatever
 * the source does.
 * @param keepsSound asked for each piece of sound
 */
export function recordingSource(
  source: AudioSource,
  log: SessionLog,
  keepsSound: () => boolean,
): AudioSource {
  const devices: string[] = []
  let isMuted = false

  /** Names of devices are names of people, often enough. */
  function numberOf(name: string): number {
    const known = devices.indexOf(name)
    return known === -1 ? devices.push(name) : known + 1
  }

  return {
    ...source,
    setMuted(muted) {
      isMuted = muted
      source.setMuted?.(muted)
    },
    async run(listener, signal) {
      try {
        await source.run(
          {
            onAudio(pcm) {
              const bytes = pcm.byteLength
              const sound = !isMuted && keepsSound() ? { pcm: base64(pcm) } : {}
              log.input({ type: 'audio', bytes, ...sound })
              listener.onAudio(pcm)
            },
            onGap(durationMs, reason) {
              log.input({ type: 'gap', durationMs, reason })
              listener.onGap(durationMs, reason)
            },
            onDevice(name) {
              log.input({ type: 'device', device: name === undefined ? null : numberOf(name) })
              listener.onDevice?.(name)
            },
            onNotice: listener.onNotice,
            bufferedMs: () => log.asItIs(listener.bufferedMs),
          },
          signal,
        )
      } catch (cause) {
        await log.turn()
        log.input({ type: 'source-over', error: recordError(cause) })
        throw cause
      }
      await log.turn()
      log.input({ type: 'source-over' })
    },
  }
}

function base64(pcm: Uint8Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64')
}
