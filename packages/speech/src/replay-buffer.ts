import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'

/** The newest audio of a session, for an engine that has to hear it again. */
export interface ReplayBuffer {
  /** Audio time, ms, of the oldest sample that is kept. */
  readonly startMs: number
  /** Copies; the oldest audio goes where there is no room. */
  append(pcm: Uint8Array): void
  /** Nothing before this audio time will be read: it goes before anything that is needed. */
  forgetBefore(audioMs: number): void
  /** A copy of `[fromMs, toMs)` in audio time, cut to whole samples; all of it must be kept. */
  read(fromMs: number, toMs: number): Uint8Array
}

/** Enough where old audio is forgotten every few seconds. */
const FIRST_CAPACITY_MS = 4000

/**
 * A ring that doubles while what is needed does not fit, up to `capacityMs`; then appending
 * allocates nothing, however long the session lasts.
 */
export function createReplayBuffer(capacityMs: number): ReplayBuffer {
  let ring = new Uint8Array(Math.min(capacityMs, FIRST_CAPACITY_MS) * BYTES_PER_MS)
  let endBytes = 0
  let neededBytes = 0
  const startBytes = () => Math.max(0, endBytes - ring.byteLength)

  function append(pcm: Uint8Array): void {
    makeRoom(pcm.byteLength)
    write(pcm)
  }

  function makeRoom(bytes: number): void {
    const wantedBytes = endBytes + bytes - neededBytes
    const maxBytes = capacityMs * BYTES_PER_MS
    if (wantedBytes <= ring.byteLength || ring.byteLength === maxBytes) return
    let capacity = ring.byteLength
    while (capacity < wantedBytes) capacity *= 2
    const fromBytes = startBytes()
    const kept = copy(fromBytes, endBytes)
    ring = new Uint8Array(Math.min(maxBytes, capacity))
    endBytes = fromBytes
    write(kept)
  }

  function write(pcm: Uint8Array): void {
    const at = endBytes % ring.byteLength
    const fitting = Math.min(pcm.byteLength, ring.byteLength - at)
    ring.set(pcm.subarray(0, fitting), at)
    endBytes += fitting
    if (fitting < pcm.byteLength) write(pcm.subarray(fitting))
  }

  function copy(from: number, to: number): Uint8Array {
    const pcm = new Uint8Array(to - from)
    const at = from % ring.byteLength
    const head = ring.subarray(at, Math.min(ring.byteLength, at + pcm.byteLength))
    pcm.set(head)
    pcm.set(ring.subarray(0, pcm.byteLength - head.byteLength), head.byteLength)
    return pcm
  }

  return {
    get startMs() {
      return startBytes() / BYTES_PER_MS
    },
    append,
    forgetBefore(audioMs) {
      neededBytes = Math.max(neededBytes, Math.min(endBytes, toWholeSamples(audioMs)))
    },
    read(fromMs, toMs) {
      const from = toWholeSamples(fromMs)
      const to = toWholeSamples(toMs)
      if (from < startBytes() || to > endBytes || from > to) {
        throw new RangeError('this audio is not kept')
      }
      return copy(from, to)
    },
  }
}

function toWholeSamples(ms: number): number {
  return Math.round((ms * BYTES_PER_MS) / BYTES_PER_SAMPLE) * BYTES_PER_SAMPLE
}
