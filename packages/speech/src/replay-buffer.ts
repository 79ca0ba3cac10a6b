import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'

/** The newest audio of a session, for an engine that has to hear it again. */
export interface ReplayBuffer {
  /** Audio time, ms, of the oldest sample that is kept. */
  readonly startMs: number
  /** Copies; the oldest audio goes where there is no room. */
  append(pcm: Uint8Array): void
  /** A copy of `[fromMs, toMs)` in audio time, cut to whole samples; all of it must be kept. */
  read(fromMs: number, toMs: number): Uint8Array
}

/** A ring of a fixed size: appending allocates nothing, however long the session lasts. */
export function createReplayBuffer(capacityMs: number): ReplayBuffer {
  const ring = new Uint8Array(capacityMs * BYTES_PER_MS)
  let endBytes = 0
  const startBytes = () => Math.max(0, endBytes - ring.byteLength)

  function append(pcm: Uint8Array): void {
    const at = endBytes % ring.byteLength
    const fitting = Math.min(pcm.byteLength, ring.byteLength - at)
    ring.set(pcm.subarray(0, fitting), at)
    endBytes += fitting
    if (fitting < pcm.byteLength) append(pcm.subarray(fitting))
  }

  return {
    get startMs() {
      return startBytes() / BYTES_PER_MS
    },
    append,
    read(fromMs, toMs) {
      const from = toWholeSamples(fromMs)
      const to = toWholeSamples(toMs)
      if (from < startBytes() || to > endBytes || from > to) {
        throw new RangeError('this audio is not kept')
      }
      const pcm = new Uint8Array(to - from)
      const at = from % ring.byteLength
      const head = ring.subarray(at, Math.min(ring.byteLength, at + pcm.byteLength))
      pcm.set(head)
      pcm.set(ring.subarray(0, pcm.byteLength - head.byteLength), head.byteLength)
      return pcm
    },
  }
}

function toWholeSamples(ms: number): number {
  return Math.round((ms * BYTES_PER_MS) / BYTES_PER_SAMPLE) * BYTES_PER_SAMPLE
}
