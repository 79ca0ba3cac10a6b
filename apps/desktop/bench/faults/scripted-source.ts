import { msToBytes } from '@saywire/speech'
import type { AudioSource } from '../../src/core/ports.ts'

export interface ScriptedSource extends AudioSource {
  /** When the first sample was said; NaN before. */
  readonly startedAtMs: number
  /** Resolves then. */
  readonly begun: Promise<void>
}

const FRAME_MS = 20
const FRAME_BYTES = msToBytes(FRAME_MS)

/** A microphone into which this is said, in real time. */
export function createScriptedSource(pcm: Uint8Array): ScriptedSource {
  let startedAtMs = Number.NaN
  let begin: () => void
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  return {
    name: 'script',
    begun,
    get startedAtMs() {
      return startedAtMs
    },
    async run(listener, signal) {
      startedAtMs = performance.now()
      begin()
      await new Promise<void>((resolve) => {
        let at = 0
        const ticker = setInterval(() => {
          const isOver = at >= pcm.byteLength || signal.aborted
          const dueBytes = msToBytes(Math.floor(performance.now() - startedAtMs))
          while (!isOver && at < pcm.byteLength && at + FRAME_BYTES <= dueBytes) {
            listener.onAudio(pcm.slice(at, at + FRAME_BYTES))
            at += FRAME_BYTES
          }
          if (!isOver) return
          clearInterval(ticker)
          resolve()
        }, FRAME_MS)
      })
    },
  }
}
