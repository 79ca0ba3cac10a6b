/** How one sample is written. */
export type SampleEncoding =
  | 'u8'
  | 's16le'
  | 's24le'
  | 's32le'
  | 'f32le'
  | 'f64le'
  | 'alaw'
  | 'ulaw'

export interface SampleFormat {
  readonly encoding: SampleEncoding
  readonly rateHz: number
  /** Interleaved. */
  readonly channels: number
}

export const BYTES_PER_ENCODED_SAMPLE = {
  u8: 1,
  s16le: 2,
  s24le: 3,
  s32le: 4,
  f32le: 4,
  f64le: 8,
  alaw: 1,
  ulaw: 1,
} as const satisfies Record<SampleEncoding, number>

type ReadSample = (view: DataView, at: number) => number

/** Each reads one sample as a float in [-1, 1]. */
const READ_SAMPLE = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s16le: (view, at) => view.getInt16(at, true) / 32768,
  s24le: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8388608,
  s32le: (view, at) => view.getInt32(at, true) / 2147483648,
  f32le: (view, at) => finite(view.getFloat32(at, true)),
  f64le: (view, at) => finite(view.getFloat64(at, true)),
  alaw: (view, at) => fromALaw(view.getUint8(at)) / 32768,
  ulaw: (view, at) => fromMuLaw(view.getUint8(at)) / 32768,
} as const satisfies Record<SampleEncoding, ReadSample>

/** Mixes whole frames of `bytes` down to mono: the mean of their channels. */
export function toMono(bytes: Uint8Array, { encoding, channels }: SampleFormat): Float32Array {
  const read: ReadSample = READ_SAMPLE[encoding]
  const sampleBytes = BYTES_PER_ENCODED_SAMPLE[encoding]
  const frames = Math.floor(bytes.byteLength / (sampleBytes * channels))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mono = new Float32Array(frames)
  let at = 0
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) {
      sum += read(view, at)
      at += sampleBytes
    }
    mono[frame] = sum / channels
  }
  return mono
}

/** A broken float file must not poison the filter: what is not a number is silence. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

/** ITU-T G.711 A-law to 16-bit linear. */
function fromALaw(byte: number): number {
  const value = byte ^ 0x55
  const exponent = (value & 0x70) >> 4
  const mantissa = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return value & 0x80 ? magnitude : -magnitude
}

/** ITU-T G.711 µ-law to 16-bit linear. */
function fromMuLaw(byte: number): number {
  const value = ~byte & 0xff
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84
  return value & 0x80 ? -magnitude : magnitude
}
