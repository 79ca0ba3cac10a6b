import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'

/** Whole milliseconds in `bytes` of PCM, rounded down. Apply it to cumulative counts only. */
export function bytesToMs(bytes: number): number {
  return Math.floor(bytes / BYTES_PER_MS)
}

/** Bytes of PCM that `ms` milliseconds take, cut to whole samples. */
export function msToBytes(ms: number): number {
  return Math.floor((ms * BYTES_PER_MS) / BYTES_PER_SAMPLE) * BYTES_PER_SAMPLE
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/**
 * The samples of s16le bytes: a view where the host and the alignment allow it, otherwise a copy.
 * A trailing half sample is left out.
 */
export function toSamples(pcm: Uint8Array): Int16Array {
  const length = pcm.byteLength >> 1
  if (hostIsLittleEndian && pcm.byteOffset % 2 === 0) {
    return new Int16Array(pcm.buffer, pcm.byteOffset, length)
  }
  const samples = new Int16Array(length)
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength)
  for (let i = 0; i < length; i++) samples[i] = view.getInt16(i * 2, true)
  return samples
}

/** Samples as floats in [-1, 1), written into `out` from `at` on; what Whisper and VADs take. */
export function writeFloats(samples: Int16Array, out: Float32Array, at = 0): void {
  for (let i = 0; i < samples.length; i++) out[at + i] = (samples[i] as number) / 32768
}

/**
 * Packs chunks of any size into frames of exactly `frameBytes`. Each frame is a buffer of its own
 * that the receiver may keep; a chunk costs one copy and no garbage beyond its frames.
 */
export class PcmFramer {
  readonly #frameBytes: number
  readonly #emit: (frame: Uint8Array) => void
  #frame: Uint8Array
  #filled = 0

  /** @param frameBytes even and above 0 */
  constructor(frameBytes: number, emit: (frame: Uint8Array) => void) {
    if (frameBytes <= 0 || frameBytes % BYTES_PER_SAMPLE !== 0) {
      throw new RangeError('frameBytes must be even and above 0')
    }
    this.#frameBytes = frameBytes
    this.#emit = emit
    this.#frame = new Uint8Array(frameBytes)
  }

  /** Bytes that wait for the rest of their frame. */
  get pendingBytes(): number {
    return this.#filled
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      const take = Math.min(this.#frameBytes - this.#filled, chunk.byteLength - at)
      this.#frame.set(chunk.subarray(at, at + take), this.#filled)
      this.#filled += take
      at += take
      if (this.#filled === this.#frameBytes) {
        const full = this.#frame
        this.#frame = new Uint8Array(this.#frameBytes)
        this.#filled = 0
        this.#emit(full)
      }
    }
  }

  /** Emits what is pending as a shorter frame; a trailing half sample is dropped. */
  flush(): void {
    const whole = this.#filled - (this.#filled % BYTES_PER_SAMPLE)
    const rest = this.#frame.slice(0, whole)
    this.#filled = 0
    if (whole > 0) this.#emit(rest)
  }
}
