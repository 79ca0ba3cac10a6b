import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'

/** Enough where old audio is forgotten every few seconds. */
const FIRST_CAPACITY_MS = 4000

/**
 * The newest audio of a session, for an engine that has to hear it again: a ring that doubles while
 * what is needed does not fit, up to `capacityMs`; then appending allocates nothing, however long the
 * session lasts.
 */
export class ReplayBuffer {
  readonly #maxBytes: number
  #ring: Uint8Array
  #endBytes = 0
  #neededBytes = 0

  constructor(capacityMs: number) {
    this.#maxBytes = capacityMs * BYTES_PER_MS
    this.#ring = new Uint8Array(Math.min(capacityMs, FIRST_CAPACITY_MS) * BYTES_PER_MS)
  }

  /** Audio time, ms, of the oldest sample that is kept. */
  get startMs(): number {
    return this.#startBytes / BYTES_PER_MS
  }

  get #startBytes(): number {
    return Math.max(0, this.#endBytes - this.#ring.byteLength)
  }

  /** Copies; the oldest audio goes where there is no room. */
  append(pcm: Uint8Array): void {
    const wantedBytes = this.#endBytes + pcm.byteLength - this.#neededBytes
    if (wantedBytes > this.#ring.byteLength && this.#ring.byteLength < this.#maxBytes) {
      this.#grow(wantedBytes)
    }
    this.#write(pcm)
  }

  #grow(wantedBytes: number): void {
    let capacity = this.#ring.byteLength
    while (capacity < wantedBytes) capacity *= 2
    const fromBytes = this.#startBytes
    const kept = this.#copy(fromBytes, this.#endBytes)
    this.#ring = new Uint8Array(Math.min(this.#maxBytes, capacity))
    this.#endBytes = fromBytes
    this.#write(kept)
  }

  #write(pcm: Uint8Array): void {
    const ring = this.#ring
    const at = this.#endBytes % ring.byteLength
    const fitting = Math.min(pcm.byteLength, ring.byteLength - at)
    this.#endBytes += fitting
    if (fitting === pcm.byteLength) return ring.set(pcm, at)
    ring.set(pcm.subarray(0, fitting), at)
    this.#write(pcm.subarray(fitting))
  }

  #copy(from: number, to: number): Uint8Array {
    const ring = this.#ring
    const pcm = new Uint8Array(to - from)
    const at = from % ring.byteLength
    const head = ring.subarray(at, Math.min(ring.byteLength, at + pcm.byteLength))
    pcm.set(head)
    pcm.set(ring.subarray(0, pcm.byteLength - head.byteLength), head.byteLength)
    return pcm
  }

  /** Nothing before this audio time will be read: it goes before anything that is needed. */
  forgetBefore(audioMs: number): void {
    const bytes = Math.min(this.#endBytes, toWholeSamples(audioMs))
    this.#neededBytes = Math.max(this.#neededBytes, bytes)
  }

  /**
   * A copy of `[fromMs, toMs)` in audio time, cut to whole samples.
   * @throws RangeError where not all of it is kept
   */
  read(fromMs: number, toMs: number): Uint8Array {
    const from = toWholeSamples(fromMs)
    const to = toWholeSamples(toMs)
    if (from < this.#startBytes || to > this.#endBytes || from > to) {
      throw new RangeError('this audio is not kept')
    }
    return this.#copy(from, to)
  }
}

function toWholeSamples(ms: number): number {
  return Math.round((ms * BYTES_PER_MS) / BYTES_PER_SAMPLE) * BYTES_PER_SAMPLE
}
