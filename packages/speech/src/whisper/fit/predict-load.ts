import { INTERIM_EVERY_MS, INTERIM_SPACING } from '../decoding/interim-pace.ts'
import type { MachineMeasure, Weights } from './machine-measure.ts'
import type { WhisperVariant } from './model-shape.ts'

/** What captioning steady speech costs, said in utterances of `UTTERANCE_S`. */
export interface ModelLoad {
  /** From the end of an utterance to its final, seconds. */
  readonly finalS: number
  /** A guess while somebody speaks, seconds: what is on screen is so old at least. */
  readonly interimS: number
  /** Part of the time that the engine's threads compute while somebody speaks, 0 and up. */
  readonly busy: number
}

export const UTTERANCE_S = 5
/** The engine's own windows (decoding/decode-window.ts), frames of 20 ms. */
const LEAST_FRAMES = 128
const FRAMES_PER_S = 50
const ROOM_S = 1
const INTERIM_EVERY_S = INTERIM_EVERY_MS / 1000
/** Of the time, that interims take at most. */
const INTERIM_SHARE = 1 / INTERIM_SPACING
/** What an interim hears at most: what is not committed, and a little before it. */
const INTERIM_HEARS_S = 4
/** One final of four is begun at a pause that turns out to be none. */
const FINALS_PER_UTTERANCE = 4 / 3
/** English, spoken fast: words, their parts and punctuation. */
const TOKENS_PER_S = 4
/** What a decode hears of the language and the task, its times and its end. */
const TOKENS_AROUND = 4
const VOCABULARY = 51_865
const BYTES_PER_WEIGHT: Readonly<Record<Weights, number>> = {
  f16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
}
/**
 * What a final takes of what its arithmetic says, measured with base.en and base.en-q8_0: 1.2 to 1.3
 * times as much, and a promise wants some room. An interim takes 0.9 to 1.2 times as much.
 */
const FINAL_FACTOR = 1.4
/** The spectrum of the window and what else is the same for all models, as operations of f16 weights. */
const AROUND_OPERATIONS = 4e9
/** A layer of the decoder has two attentions; what is measured as a step has one. */
const STEPS_PER_DECODER_LAYER = 1.5

/** Seconds that a model needs on a machine; longer where the machine is slower in any figure. */
export function predictLoad(variant: WhisperVariant, measure: MachineMeasure): ModelLoad {
  const onceS = decodeS(variant, measure, UTTERANCE_S)
  let interimsS = 0
  for (let heardS = INTERIM_EVERY_S; heardS < UTTERANCE_S; heardS += INTERIM_EVERY_S) {
    interimsS += decodeS(variant, measure, Math.min(heardS, INTERIM_HEARS_S))
  }
  const pacedS = Math.min(interimsS, UTTERANCE_S * INTERIM_SHARE)
  return {
    finalS: FINAL_FACTOR * onceS,
    interimS: decodeS(variant, measure, INTERIM_HEARS_S),
    busy: (FINALS_PER_UTTERANCE * onceS + pacedS) / UTTERANCE_S,
  }
}

function decodeS(variant: WhisperVariant, measure: MachineMeasure, speechS: number): number {
  const frames = fittedFrames(speechS)
  const speed = measure[variant.weights]
  const tokens = TOKENS_AROUND + TOKENS_PER_S * speechS
  return (
    AROUND_OPERATIONS / (measure.f16.encoderGflops * 1e9) +
    encoderOperations(variant, frames) / (speed.encoderGflops * 1e9) +
    tokens * tokenS(variant, measure, frames)
  )
}

/** Its layers, the convolutions before them, and what the decoder's layers take from its output. */
function encoderOperations({ shape }: WhisperVariant, frames: number): number {
  const { state, encoderLayers, decoderLayers } = shape
  const layer = 24 * frames * state ** 2 + 4 * frames ** 2 * state
  const convolutions = 6 * frames * state ** 2 + 960 * frames * state
  const cross = 4 * frames * state ** 2 * decoderLayers
  return encoderLayers * layer + convolutions + cross
}

/** One token reads every weight of the decoder, and all that the encoder has heard. */
function tokenS(
  { shape, weights }: WhisperVariant,
  measure: MachineMeasure,
  frames: number,
): number {
  const { state, decoderLayers } = shape
  const read = (14 * decoderLayers * state ** 2 + VOCABULARY * state) * BYTES_PER_WEIGHT[weights]
  const heard = 4 * frames * state * decoderLayers
  const steps = (STEPS_PER_DECODER_LAYER * decoderLayers * measure.stepMicros) / 1e6
  return (
    read / (measure[weights].decoderGbps * 1e9) + heard / (measure.f16.decoderGbps * 1e9) + steps
  )
}

function fittedFrames(speechS: number): number {
  return Math.max(LEAST_FRAMES, Math.ceil((speechS + ROOM_S) * FRAMES_PER_S))
}
