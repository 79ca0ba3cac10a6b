const TEMPLATE_SAMPLES = 2000

export interface Alignment {
  /** Where the reference begins in the recording, in samples. */
  readonly offset: number
  /** Of the whole reference at that place: 1 for the same shape, whatever its level. */
  readonly correlation: number
}

/** Finds a known recording inside a longer one by its most energetic eighth of a second. */
export function align(reference: Int16Array, recording: Int16Array): Alignment {
  const at = loudest(reference)
  const template = reference.subarray(at, at + TEMPLATE_SAMPLES)
  let best = { offset: 0, correlation: -1 }
  for (let start = 0; start + TEMPLATE_SAMPLES <= recording.length; start++) {
    const correlation = correlate(template, recording, start)
    if (correlation > best.correlation) best = { offset: start - at, correlation }
  }
  return { offset: best.offset, correlation: correlate(reference, recording, best.offset) }
}

function loudest(samples: Int16Array): number {
  let best = { at: 0, energy: -1 }
  for (let at = 0; at + TEMPLATE_SAMPLES <= samples.length; at += TEMPLATE_SAMPLES / 4) {
    let energy = 0
    for (let i = at; i < at + TEMPLATE_SAMPLES; i++) energy += (samples[i] as number) ** 2
    if (energy > best.energy) best = { at, energy }
  }
  return best.at
}

function correlate(wanted: Int16Array, found: Int16Array, offset: number): number {
  let product = 0
  let wantedEnergy = 0
  let foundEnergy = 0
  for (let i = 0; i < wanted.length; i++) {
    const a = wanted[i] as number
    const b = found[offset + i] ?? 0
    product += a * b
    wantedEnergy += a * a
    foundEnergy += b * b
  }
  return product / (Math.sqrt(wantedEnergy * foundEnergy) || 1)
}
