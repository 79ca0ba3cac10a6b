import type { WhisperModelInfo } from './model-catalogue.ts'

/** What keeping the local engine warm costs. */
export interface ModelMemory {
  /** Resident memory of the whisper process once it has decoded: the weights and all around them. */
  readonly bytes: number
  /** `derived`: from the file's size, by what was measured of other models. */
  readonly source: 'measured' | 'derived'
}

const MB = 1e6
/**
 * RSS of the process after three utterances of 11 s (Linux x64, Node 20, two threads), the highest of
 * each. Of `base.en` 290 MB are there from loading, before the first word.
 */
const MEASURED_MB: Readonly<Record<string, number>> = {
  'base.en': 365,
  'base.en-q5_1': 290,
  'moonshine-tiny': 285,
  'moonshine-base': 375,
}
/** What the measured processes hold besides their weights, at most: Node, caches, buffers. */
const AROUND_WEIGHTS_MB = 230
/** Published sizes of weights, by kind of model; one for English differs by less than 0.1 MB. */
const WEIGHTS_MB: Readonly<Record<string, number>> = {
  tiny: 78,
  base: 148,
  'base-q5_1': 60,
  'base-q8_0': 82,
}

/** Undefined for a model of unknown size. For smaller models than `base` it says rather too much. */
export function modelMemory({ name }: Pick<WhisperModelInfo, 'name'>): ModelMemory | undefined {
  const measured = MEASURED_MB[name]
  if (measured !== undefined) return { bytes: measured * MB, source: 'measured' }
  const weights = WEIGHTS_MB[name.replace('.en', '')]
  if (weights === undefined) return undefined
  return { bytes: (weights + AROUND_WEIGHTS_MB) * MB, source: 'derived' }
}
