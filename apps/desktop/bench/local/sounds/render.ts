import { SAMPLE_RATE_HZ } from '@saywire/protocol'

/** Floats at 16 kHz, full scale is 1. */
export type Samples = Float32Array<ArrayBuffer>

export function samplesOf(ms: number): number {
  return Math.round((ms / 1000) * SAMPLE_RATE_HZ)
}

/** Decibels below full scale as a factor. */
export function gainOf(db: number): number {
  return 10 ** (db / 20)
}

/** PCM s16le; what is louder than full scale is cut off, as a sound card does. */
export function toPcm(samples: Samples): Uint8Array {
  const pcm = new Uint8Array(samples.length * 2)
  const view = new DataView(pcm.buffer)
  for (const [i, sample] of samples.entries()) {
    const scaled = Math.round(sample * 32_767)
    view.setInt16(i * 2, Math.max(-32_768, Math.min(32_767, scaled)), true)
  }
  return pcm
}

export function toSamplesOf(pcm: Uint8Array): Samples {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength)
  return Float32Array.from({ length: pcm.byteLength >> 1 }, (_, i) => {
    return view.getInt16(i * 2, true) / 32_768
  })
}

/** A sound's sample by the seconds since it began. */
export type Voice = (atS: number) => number

/** Adds a sound that lasts so long from a place on; what goes beyond the end is left out. */
export function addVoice(to: Samples, fromMs: number, lengthMs: number, voice: Voice): void {
  const from = samplesOf(fromMs)
  const end = Math.min(to.length, from + samplesOf(lengthMs))
  for (let i = from; i < end; i++) to[i] = (to[i] ?? 0) + voice((i - from) / SAMPLE_RATE_HZ)
}

export function addAll(to: Samples, other: Samples): void {
  for (const [i, sample] of other.entries()) to[i] = (to[i] ?? 0) + sample
}

/** Moments that come by chance, so many in a second on average: ms, rising. */
export function* moments(
  durationMs: number,
  perSecond: number,
  random: () => number,
): Generator<number> {
  const next = () => (-Math.log(1 - random()) / perSecond) * 1000
  for (let atMs = next(); atMs < durationMs; atMs += next()) yield atMs
}
