/** The floor is the minimum of this many stretches of half a second each. */
const STRETCHES = 8
const STRETCH_BLOCKS = 50
/** Share of the past in the smoothed power whose minimum is taken: blocks are of 10 ms. */
const SMOOTHING = 0.85
/** The minimum of a noise lies below its mean by about this factor. */
const BIAS = 1.6
/** No floor is below this (mean square, −75 dB of full scale): more quiet than that is silence. */
const LOWEST = 10 ** -7.5
/** Until it is known the room is taken to be no louder (−50 dB): speech may come first. */
const FIRST = 10 ** -5

/** The power of the steady noise under a signal that comes and goes. */
export interface NoiseFloor {
  /** Mean square. */
  readonly power: number
  /** The signal's mean square over the next 10 ms. */
  follow(power: number): void
}

/**
 * Minimum statistics (R. Martin, "Noise power spectral density estimation based on optimal
 * smoothing and minimum statistics", 2001), in its plainest form: even in fluent speech the power
 * of a band falls to that of the noise now and then, so the minimum over some seconds, made larger
 * by a constant, is the noise's. It follows a noise that fell at once, and one that rose after four
 * seconds, which is longer than anybody speaks without a pause between two words.
 */
export function createNoiseFloor(): NoiseFloor {
  const minima = new Float64Array(STRETCHES).fill(FIRST)
  let at = 0
  let blocks = 0
  let smoothed = FIRST
  let stretchMin = FIRST
  let power = FIRST

  return {
    get power() {
      return power
    },
    follow(now) {
      smoothed = SMOOTHING * smoothed + (1 - SMOOTHING) * now
      stretchMin = Math.min(stretchMin, smoothed)
      power = Math.max(LOWEST, Math.min(power, smoothed * BIAS))
      if (++blocks < STRETCH_BLOCKS) return
      blocks = 0
      minima[at] = stretchMin
      at = (at + 1) % STRETCHES
      stretchMin = smoothed
      let min = minima[0] as number
      for (const value of minima) min = Math.min(min, value)
      power = Math.max(LOWEST, min * BIAS)
    },
  }
}
