import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { createResampler } from './resampler.ts'
import type { SampleFormat } from './sample-format.ts'
import { BYTES_PER_ENCODED_SAMPLE, toMono } from './sample-format.ts'

/** Turns audio of any common format into Saywire's own: PCM s16le, 16 kHz, mono. */
export interface PcmConverter {
  /** Takes bytes cut anywhere, also in the middle of a sample. */
  push(bytes: Uint8Array): void
  /** Emits the rest; a trailing part of a frame is dropped. */
  end(): void
}

/**
 * @param format `encoding` defaults to `s16le`
 * @param emit gets buffers of its own, of whole samples, of any length above 0
 * @throws RangeError for a rate or channel count that is not a whole number above 0
 */
export function createPcmConverter(
  format: Partial<SampleFormat> & Omit<SampleFormat, 'encoding'>,
  emit: (pcm: Uint8Array) => void,
): PcmConverter {
  const source: SampleFormat = { encoding: 's16le', ...format }
  if (!Number.isInteger(source.channels) || source.channels < 1) {
    throw new RangeError(`cannot convert audio of ${source.channels} channels`)
  }
  const frameBytes = BYTES_PER_ENCODED_SAMPLE[source.encoding] * source.channels
  const isNative =
    source.encoding === 's16le' && source.channels === 1 && source.rateHz === SAMPLE_RATE_HZ
  const resampler = createResampler(source.rateHz, SAMPLE_RATE_HZ)
  let carry = new Uint8Array(0)

  function emitSamples(samples: Float32Array): void {
    if (samples.length > 0) emit(toPcm(samples))
  }

  return {
    push(bytes) {
      let whole = bytes
      if (carry.byteLength > 0) {
        whole = new Uint8Array(carry.byteLength + bytes.byteLength)
        whole.set(carry)
        whole.set(bytes, carry.byteLength)
      }
      const usable = whole.byteLength - (whole.byteLength % frameBytes)
      carry = whole.slice(usable)
      if (usable === 0) return
      const frames = whole.subarray(0, usable)
      if (isNative) emit(frames.slice())
      else emitSamples(resampler.push(toMono(frames, source)))
    },
    end() {
      if (!isNative) emitSamples(resampler.end())
    },
  }
}

function toPcm(samples: Float32Array): Uint8Array {
  const pcm = new Uint8Array(samples.length * 2)
  const view = new DataView(pcm.buffer)
  for (let i = 0; i < samples.length; i++) {
    const scaled = Math.round((samples[i] as number) * 32768)
    view.setInt16(i * 2, Math.max(-32768, Math.min(32767, scaled)), true)
  }
  return pcm
}
