import type { Weights } from './machine-measure.ts'
import { WEIGHTS } from './machine-measure.ts'

/** What decides how long a Whisper model takes: its dimensions, as published by OpenAI. */
export interface ModelShape {
  /** Width of a layer. */
  readonly state: number
  readonly encoderLayers: number
  readonly decoderLayers: number
}

/** From the least accurate to the most. */
export const MODEL_SHAPES: Readonly<Record<string, ModelShape>> = {
  tiny: { state: 384, encoderLayers: 4, decoderLayers: 4 },
  base: { state: 512, encoderLayers: 6, decoderLayers: 6 },
  small: { state: 768, encoderLayers: 12, decoderLayers: 12 },
  medium: { state: 1024, encoderLayers: 24, decoderLayers: 24 },
  'large-v3-turbo': { state: 1280, encoderLayers: 32, decoderLayers: 4 },
}

export interface WhisperVariant {
  readonly size: string
  readonly shape: ModelShape
  readonly weights: Weights
}

/** What a name of the catalogue says: `small.en-q5_1`. Undefined for what is not a Whisper model. */
export function whisperVariant(name: string): WhisperVariant | undefined {
  const [base = '', kind = 'f16'] = splitWeights(name)
  const size = base.replace(/\.en$/, '')
  const shape = MODEL_SHAPES[size]
  const weights = WEIGHTS.find((one) => one === kind)
  return shape && weights && { size, shape, weights }
}

function splitWeights(name: string): string[] {
  return name.split(/-(?=q\d_\d$)/)
}
