import { SAMPLE_RATE_HZ } from '@saywire/protocol'

const STEP = (SAMPLE_RATE_HZ * 20) / 1000
/** Long enough not to take the closure of a "t" for a pause between words. */
const WINDOW_STEPS = 8

/** Index of the middle of the quietest 160 ms at or after `from`. */
export function quietestSample(samples: Float32Array, from: number): number {
  const powers: number[] = []
  for (let at = from; at + STEP <= samples.length; at += STEP) {
    let sum = 0
    for (let i = at; i < at + STEP; i++) sum += (samples[i] as number) ** 2
    powers.push(sum)
  }
  let best = Number.POSITIVE_INFINITY
  let bestStep = 0
  for (let step = 0; step + WINDOW_STEPS <= powers.length; step++) {
    const sum = powers.slice(step, step + WINDOW_STEPS).reduce((a, b) => a + b, 0)
    if (sum < best) {
      best = sum
      bestStep = step
    }
  }
  return from + (bestStep + WINDOW_STEPS / 2) * STEP
}
