import { SAMPLE_RATE_HZ } from '@saywire/protocol'

/** Amplitude, far below a single step of 16 bits. */
const INAUDIBLE = 1e-12

/** The power of one band of frequency, block by block. */
export interface Band {
  /**
   * The next block of samples, in [-1, 1); all blocks have the same length.
   * @returns mean square of what is in the band, over this block and the one before
   */
  measure(block: Float32Array): number
}

/**
 * A filter of second order (R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad
 * filter coefficients") with a meter behind it.
 * @param centreHz middle of a band-pass, corner of a high-pass
 */
export function createBand(kind: 'band-pass' | 'high-pass', centreHz: number, q: number): Band {
  const w = (2 * Math.PI * centreHz) / SAMPLE_RATE_HZ
  const alpha = Math.sin(w) / (2 * q)
  const a0 = 1 + alpha
  const a1 = (-2 * Math.cos(w)) / a0
  const a2 = (1 - alpha) / a0
  const b0 = (kind === 'band-pass' ? alpha : (1 + Math.cos(w)) / 2) / a0
  const b1 = kind === 'band-pass' ? 0 : -2 * b0
  const b2 = kind === 'band-pass' ? -b0 : b0
  let state1 = 0
  let state2 = 0
  let previousSum = 0

  return {
    measure(block) {
      let sum = 0
      // Numbers that outlive a call are kept on the heap: each step of the loop would allocate them.
      let s1 = state1
      let s2 = state2
      for (let i = 0; i < block.length; i++) {
        const sample = block[i] as number
        const out = b0 * sample + s1
        s1 = b1 * sample - a1 * out + s2
        s2 = b2 * sample - a2 * out
        sum += out * out
      }
      // After sound the states would fade for ever, into numbers that processors are slow with.
      const isInaudible = Math.abs(s1) + Math.abs(s2) < INAUDIBLE
      state1 = isInaudible ? 0 : s1
      state2 = isInaudible ? 0 : s2
      const power = (sum + previousSum) / (2 * block.length)
      previousSum = sum
      return power
    },
  }
}
