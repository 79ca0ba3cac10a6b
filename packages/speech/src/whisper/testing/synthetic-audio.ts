import { SAMPLE_RATE_HZ } from '@saywire/protocol'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000

/** Test signals: floats at 16 kHz, amplitude 0–1. */
export function silence(ms: number): Float32Array {
  return new Float32Array(ms * SAMPLES_PER_MS)
}

export function tone(ms: number, amplitude: number, hz = 440): Float32Array {
  return silence(ms).map((_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE_HZ))
}

/** A tone in four syllables a second: loud and soft by turns, as speech is. */
export function voice(ms: number, amplitude: number): Float32Array {
  return tone(ms, amplitude).map((sample, i) => {
    return sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * 4 * i) / SAMPLE_RATE_HZ))
  })
}

/** White, and the same every time. */
export function noise(ms: number, amplitude: number): Float32Array {
  let state = 12_345
  return silence(ms).map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return amplitude * (state / 2 ** 31 - 1)
  })
}

export function joined(...parts: readonly Float32Array[]): Int16Array {
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    for (const sample of part) samples[at++] = Math.round(sample * 32_767)
  }
  return samples
}
