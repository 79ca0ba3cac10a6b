import { isTaughtToTranslate } from '../languages.ts'
import type { WhisperModelInfo } from '../model/model-catalogue.ts'
import { DEFAULT_MODEL, modelCatalogue } from '../model/model-catalogue.ts'
import { modelMemory } from '../model/model-memory.ts'
import type { MachineMeasure } from './machine-measure.ts'
import { WEIGHTS } from './machine-measure.ts'
import type { WhisperVariant } from './model-shape.ts'
import { MODEL_SHAPES, whisperVariant } from './model-shape.ts'
import type { ModelLoad } from './predict-load.ts'
import { predictLoad, UTTERANCE_S } from './predict-load.ts'

/**
 * A model keeps up with margin where a final of a sentence comes within a second, and where the
 * engine's threads, which are half of the machine's, rest for half of the time while somebody
 * speaks: a game and an encoder run beside it.
 */
export const FINAL_MAX_S = 1
/** Half of what a first word may take to be seen. */
const INTERIM_MAX_S = 0.5
export const BUSY_MAX = 0.5
/** Models of another family, English only, that need a fraction of Whisper's work. */
const LIGHTER = ['moonshine-base', 'moonshine-tiny']

export interface RecommendOptions {
  /** Undefined where this machine cannot be measured: it has only the prebuilt library. */
  readonly measure: MachineMeasure | undefined
  /** What the speech process may take. */
  readonly memoryBytes: number
  /** BCP 47 tag; `multi` where the engine is to detect it. Default English, unless it is to translate. */
  readonly language?: string | undefined
  /** Captions in English of whatever language; of English there is nothing to do. */
  readonly translate?: boolean | undefined
  /** Default: all that there are. */
  readonly models?: readonly WhisperModelInfo[]
}

export interface Recommendation {
  readonly name: string
  /** One sentence for the user. */
  readonly because: string
}

interface RankedModel {
  readonly name: string
  /** Of two models the more accurate has the higher. */
  readonly rank: number
}

/** How a model would do on a machine; `strain` tells why not to use it. */
export interface ModelFit {
  /** Undefined where the machine was not measured, or the model is not Whisper's. */
  readonly load: ModelLoad | undefined
  readonly strain: 'slow' | 'memory' | undefined
}

export function modelFit(
  { name }: Pick<WhisperModelInfo, 'name'>,
  { measure, memoryBytes }: Pick<RecommendOptions, 'measure' | 'memoryBytes'>,
): ModelFit {
  const variant = whisperVariant(name)
  const load = variant && measure && predictLoad(variant, measure)
  if (load && (isLate(load) || load.busy > BUSY_MAX)) return { load, strain: 'slow' }
  const isTooLarge = (modelMemory({ name })?.bytes ?? 0) > memoryBytes
  return { load, strain: isTooLarge ? 'memory' : undefined }
}

/**
 * The most accurate model that keeps up with margin and for which there is memory. A faster machine
 * is never recommended a smaller one.
 */
export function recommendModel(options: RecommendOptions): Recommendation {
  const { translate = false, models = modelCatalogue } = options
  const { language = translate ? 'multi' : 'en' } = options
  const isEnglish = /^en(-|$)/i.test(language)
  const lighter = isEnglish
    ? LIGHTER.find(
        (name) =>
          models.some((model) => model.name === name) && !modelFit({ name }, options).strain,
      )
    : undefined
  if (!options.measure) return unmeasured(isEnglish, lighter)
  const candidates = whisperModels(models, isEnglish, translate && !isEnglish, options.measure)
  const at = candidates.findLastIndex((one) => modelFit(one, options).strain === undefined)
  const best = candidates[at]
  const nextRank = candidates.find((one) => best && one.rank > best.rank)?.rank
  const next = candidates.findLast((one) => one.rank === nextRank)
  if (!best) return tooSlow(candidates[0]?.name ?? DEFAULT_MODEL, lighter, options)
  const { load } = modelFit(best, options)
  const free = load ? Math.floor((1 - load.busy) * 100) : 0
  const because =
    `This computer decodes a sentence of ${UTTERANCE_S} s with ${best.name} in about ${seconds(load)}, ` +
    `which leaves ${free} % of its speech threads free while you speak` +
    `${next ? `; ${whyNot(next.name, options)}` : ''}.`
  return { name: best.name, because }
}

const SIZES = Object.keys(MODEL_SHAPES)

/** How accurate a model is. With weights of 8 bits it hears what it hears with 16. */
function rank({ size, weights }: WhisperVariant): number {
  return SIZES.indexOf(size) * WEIGHTS.length - Math.max(WEIGHTS.indexOf(weights), EIGHT_BITS)
}

const EIGHT_BITS = WEIGHTS.indexOf('q8_0')

/** From the least accurate to the most; of two as accurate the lighter is the last. */
function whisperModels(
  models: readonly WhisperModelInfo[],
  isEnglish: boolean,
  translate: boolean,
  measure: MachineMeasure,
): readonly RankedModel[] {
  const known = models.flatMap((model) => {
    const variant = whisperVariant(model.name)
    if (!variant) return []
    const { busy } = predictLoad(variant, measure)
    return [{ model, variant, name: model.name, rank: rank(variant), busy }]
  })
  // What knows only English hears it better than its multilingual twin.
  const english = new Set(
    known.filter(({ model }) => model.languages === 'english').map(({ variant }) => variant.size),
  )
  const isFit = ({ model, variant }: (typeof known)[number]) => {
    if (translate && !isTaughtToTranslate(model.name)) return false
    return (model.languages === 'english') === (isEnglish && english.has(variant.size))
  }
  return known.filter(isFit).toSorted((a, b) => a.rank - b.rank || b.busy - a.busy)
}

function whyNot(name: string, options: RecommendOptions): string {
  const { load, strain } = modelFit({ name }, options)
  if (strain === 'memory') {
    const needed = (modelMemory({ name })?.bytes ?? 0) / 1e9
    return `${name} needs ${needed.toFixed(1)} GB of memory, more than can be spared`
  }
  if (load && !isLate(load)) {
    return `${name} would leave ${Math.max(0, Math.floor((1 - load.busy) * 100))} %`
  }
  return `${name} would take ${seconds(load)}`
}

function tooSlow(
  smallest: string,
  lighter: string | undefined,
  options: RecommendOptions,
): Recommendation {
  const why = whyNot(smallest, options)
  if (lighter) {
    return { name: lighter, because: `Of Whisper’s models even ${why}: ${lighter} is lighter.` }
  }
  return {
    name: smallest,
    because: `It is the smallest, although ${why} here: captions may be late, and a cloud engine may serve you better.`,
  }
}

function unmeasured(isEnglish: boolean, lighter: string | undefined): Recommendation {
  const why = 'The speech library that measures this computer is not there'
  if (lighter) return { name: lighter, because: `${why}: ${lighter} is light enough for most.` }
  const name = isEnglish ? DEFAULT_MODEL : 'base-q8_0'
  return { name, because: `${why}: ${name} is what most computers keep up with.` }
}

function seconds(load: ModelLoad | undefined): string {
  return `${Math.max(0.1, load?.finalS ?? 0).toFixed(1)} s`
}

function isLate({ finalS, interimS }: ModelLoad): boolean {
  return finalS > FINAL_MAX_S || interimS > INTERIM_MAX_S
}
