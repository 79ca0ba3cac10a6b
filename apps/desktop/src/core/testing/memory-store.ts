import { BYTES_PER_MS } from '@saywire/protocol'
import type { ReplayStore } from '../ports.ts'

/** A ReplayStore without a disk, which counts what it is asked. */
export function memoryStore(keptMs: number) {
  const kept = new Uint8Array(keptMs * BYTES_PER_MS)
  let keptBytes = 0
  const counts = { appends: 0, clears: 0 }
  const store: ReplayStore = {
    append(pcm) {
      counts.appends += 1
      const tooMany = Math.max(0, keptBytes + pcm.byteLength - kept.byteLength)
      kept.copyWithin(0, tooMany, keptBytes)
      keptBytes -= tooMany
      kept.set(pcm, keptBytes)
      keptBytes += pcm.byteLength
    },
    get keptBytes() {
      return keptBytes
    },
    read: (from, to) => (to <= keptBytes ? kept.slice(from, to) : undefined),
    clear() {
      counts.clears += 1
      keptBytes = 0
    },
  }
  return { store, counts }
}
