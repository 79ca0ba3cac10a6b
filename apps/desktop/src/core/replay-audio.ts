import { BYTES_PER_MS } from '@saywire/protocol'
import { ReplayBuffer, msToBytes } from '@saywire/speech'
import type { ReplayStore } from './ports.ts'

/** Audio goes to the store in pieces of this length, 64 kB each. */
const STORED_AT_ONCE_MS = 2000

/**
 * A session's newest audio, for an engine that has to hear it again: the last minute in memory, and
 * before that, as long as it is needed, what the store takes. What suffices in memory is never
 * stored.
 */
export interface ReplayAudio {
  /** Audio time, ms, of the oldest sample that is kept. */
  readonly startMs: number
  /** Copies. Shorter than the memory. */
  append(pcm: Uint8Array): void
  /**
   * A copy of `[fromMs, toMs)` in audio time, cut to whole samples. Undefined where it is not kept,
   * or the store cannot be read: `startMs` has moved on then.
   */
  read(fromMs: number, toMs: number): Uint8Array | undefined
  /** Nothing before this audio time will be asked for any more. */
  forgetBefore(audioMs: number): void
  /** Empties the store, for good: a source may deliver a last frame after the session is over. */
  close(): void
}

/** @param disk default: what is older than the memory is gone */
export function createReplayAudio(memoryMs: number, disk?: ReplayStore): ReplayAudio {
  let store = disk
  const memory = new ReplayBuffer(memoryMs)
  let endMs = 0
  /** What lies before is in the store, or not needed any more. */
  let movedMs = 0
  let neededFromMs = 0

  const storedFromMs = () => movedMs - (store?.keptBytes ?? 0) / BYTES_PER_MS

  /** Hands over what has to go from memory by then. */
  function move(memoryStartMs: number): void {
    while (movedMs < memoryStartMs) {
      const toMs = Math.min(endMs, movedMs + STORED_AT_ONCE_MS)
      if (toMs > neededFromMs) store?.append(memory.read(movedMs, toMs))
      movedMs = toMs
    }
  }

  return {
    get startMs() {
      return store ? Math.min(storedFromMs(), memory.startMs) : memory.startMs
    },
    append(pcm) {
      const lengthMs = pcm.byteLength / BYTES_PER_MS
      if (store) move(endMs + lengthMs - memoryMs)
      memory.append(pcm)
      endMs += lengthMs
    },
    read(fromMs, toMs) {
      if (fromMs >= memory.startMs) return memory.read(fromMs, toMs)
      const storeEndMs = Math.min(toMs, memory.startMs)
      const beginMs = storedFromMs()
      if (!store || fromMs < beginMs) return undefined
      const old = store.read(msToBytes(fromMs - beginMs), msToBytes(storeEndMs - beginMs))
      if (!old) return undefined
      return toMs === storeEndMs ? old : concat(old, memory.read(storeEndMs, toMs))
    },
    forgetBefore(audioMs) {
      neededFromMs = Math.max(neededFromMs, audioMs)
      if (store && store.keptBytes > 0 && neededFromMs >= movedMs) store.clear()
    },
    close() {
      store?.clear()
      store = undefined
    },
  }
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const pcm = new Uint8Array(head.byteLength + tail.byteLength)
  pcm.set(head)
  pcm.set(tail, head.byteLength)
  return pcm
}
