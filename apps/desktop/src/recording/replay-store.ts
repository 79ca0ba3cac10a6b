import { BYTES_PER_MS } from '@saywire/protocol'
import type { ReplayStore } from '../core/ports.ts'
import { KEPT_MS } from '../files/replay-file.ts'

/** Keeps as much as the file on the disk does, and of the sound nothing: no engine will hear it. */
export function createSilentStore(): ReplayStore {
  const capacity = KEPT_MS * BYTES_PER_MS
  let keptBytes = 0
  return {
    get keptBytes() {
      return keptBytes
    },
    append(pcm) {
      keptBytes = Math.min(capacity, keptBytes + pcm.byteLength)
    },
    read: (fromByte, toByte) => new Uint8Array(toByte - fromByte),
    clear() {
      keptBytes = 0
    },
  }
}
