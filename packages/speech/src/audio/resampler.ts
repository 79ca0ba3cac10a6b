/** Zero crossings of the sinc on each side of its centre: steepness against work per sample. */
const ZERO_CROSSINGS = 24
/** Kaiser window parameter: about 80 dB of stop-band attenuation. */
const KAISER_BETA = 8
/** Share of the narrower band that passes; the rest is the filter's slope. */
const PASSBAND = 0.92

/**
 * Converts a stream of samples from one rate to another: rational polyphase windowed sinc
 * (J. O. Smith, "Digital Audio Resampling"), without delay and without drift. Output sample n
 * stands at input time n · fromHz / toHz.
 */
export interface Resampler {
  /** Takes samples in [-1, 1] and returns what they complete: a view that the next call reuses. */
  push(samples: Float32Array): Float32Array
  /** The last samples. In all, `ceil(samples in · toHz / fromHz)` have come out. */
  end(): Float32Array
}

/** @throws RangeError for rates that are not whole numbers of Hz above 0 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  if (![fromHz, toHz].every((rate) => Number.isInteger(rate) && rate > 0)) {
    throw new RangeError(`cannot resample from ${fromHz} Hz to ${toHz} Hz`)
  }
  if (fromHz === toHz) return { push: (samples) => samples, end: () => new Float32Array(0) }

  const divisor = greatestCommonDivisor(fromHz, toHz)
  const up = toHz / divisor
  const down = fromHz / divisor
  const { taps, width } = polyphaseFilter(up, down)
  const half = width / 2

  /** `window[0]` is input sample `origin`; before the first there is silence. */
  let window = new Float32Array(4 * width)
  let origin = -half
  let filled = half
  let received = 0
  let produced = 0
  let out = new Float32Array(0)

  function append(samples: Float32Array): void {
    const first = Math.floor((produced * down) / up) - half + 1
    const keepFrom = Math.max(0, first - origin)
    const needed = filled - keepFrom + samples.length
    if (needed > window.length) {
      const larger = new Float32Array(needed * 2)
      larger.set(window.subarray(keepFrom, filled))
      window = larger
    } else window.copyWithin(0, keepFrom, filled)
    filled -= keepFrom
    origin += keepFrom
    window.set(samples, filled)
    filled += samples.length
  }

  /** Produces every output sample before `end` whose input is there. */
  function produce(end: number): Float32Array {
    const available = origin + filled - half
    const count = Math.max(0, Math.min(end, Math.ceil((available * up) / down)) - produced)
    if (out.length < count) out = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const position = produced * down
      const at = Math.floor(position / up)
      const tap = (position - at * up) * width
      const from = at - half + 1 - origin
      let sum = 0
      for (let k = 0; k < width; k++)
        sum += (window[from + k] as number) * (taps[tap + k] as number)
      out[i] = sum
      produced += 1
    }
    return out.subarray(0, count)
  }

  return {
    push(samples) {
      append(samples)
      received += samples.length
      return produce(Number.POSITIVE_INFINITY)
    },
    end() {
      append(new Float32Array(width))
      return produce(Math.ceil((received * up) / down))
    },
  }
}

/** One row of `width` taps for each of the `up` positions between two input samples. */
function polyphaseFilter(up: number, down: number): { taps: Float32Array; width: number } {
  const cutoff = Math.min(1, up / down) * PASSBAND
  const half = Math.ceil(ZERO_CROSSINGS / cutoff)
  const width = 2 * half
  const taps = new Float32Array(up * width)
  for (let phase = 0; phase < up; phase++) {
    let sum = 0
    for (let k = 0; k < width; k++) {
      const distance = k - half + 1 - phase / up
      const value = sinc(distance * cutoff) * kaiser(distance / half)
      taps[phase * width + k] = value
      sum += value
    }
    // Each row lets a constant through unchanged, so that no ripple is added to silence or speech.
    for (let k = 0; k < width; k++)
      taps[phase * width + k] = (taps[phase * width + k] as number) / sum
  }
  return { taps, width }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / besselI0(KAISER_BETA)
}

/** Modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
