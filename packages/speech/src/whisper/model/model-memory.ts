import { whisperVariant } from '../fit/model-shape.ts'
import type { WhisperModelInfo } from './model-catalogue.ts'
import { modelCatalogue } from './model-catalogue.ts'

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
  'base.en-q8_0': 335,
  'base.en-q5_1': 290,
  'moonshine-tiny': 285,
  'moonshine-base': 375,
}
/**
 * What a process holds besides its weights, by size of model: Node, caches and buffers, which grow
 * with the width and the layers. `small` was measured with weights of its shape; above it they are
 * whisper.cpp's own figures.
 */
const AROUND_WEIGHTS_MB: Readonly<Record<string, number>> = {
  tiny: 230,
  base: 230,
  small: 260,
  medium: 600,
  'large-v3-turbo': 600,
}

/** Undefined for a model of unknown size. For smaller models than `base` it says rather too much. */
export function modelMemory({ name }: Pick<WhisperModelInfo, 'name'>): ModelMemory | undefined {
  const measured = MEASURED_MB[name]
  if (measured !== undefined) return { bytes: measured * MB, source: 'measured' }
  const weights = modelCatalogue.find((model) => model.name === name)?.sizeBytes
  const around = AROUND_WEIGHTS_MB[whisperVariant(name)?.size ?? '']
  if (weights === undefined || around === undefined) return undefined
  return { bytes: weights + around * MB, source: 'derived' }
}
