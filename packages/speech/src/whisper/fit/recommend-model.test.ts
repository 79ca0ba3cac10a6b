import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelCatalogue } from '../model/model-catalogue.ts'
import type { MachineMeasure } from './machine-measure.ts'
import { WEIGHTS } from './machine-measure.ts'
import { MODEL_SHAPES, whisperVariant } from './model-shape.ts'
import { BUSY_MAX, FINAL_MAX_S, modelFit, recommendModel } from './recommend-model.ts'

const GB = 1e9

/** @param speed 1 is a laptop whose threads compute 100 GFLOP/s and read 10 GB/s */
function machine(speed: number): MachineMeasure {
  const kind = { encoderGflops: 100 * speed, decoderGbps: 10 * speed }
  return { f16: kind, q8_0: kind, q5_1: kind, q5_0: kind, stepMicros: 30 / speed }
}

const sizeOf = (name: string) => whisperVariant(name)?.size ?? name

/** How accurate a model is, among those of its language: of 8 bits as of 16. */
function rank(name: string): number {
  const variant = whisperVariant(name)
  if (!variant) return -1
  const sizes = Object.keys(MODEL_SHAPES)
  const weights = variant.weights === 'f16' ? 'q8_0' : variant.weights
  return sizes.indexOf(variant.size) * WEIGHTS.length - WEIGHTS.indexOf(weights)
}

const whispers = modelCatalogue.filter(({ family }) => family === 'whisper')

describe('the recommended model', () => {
  it.each([
    [0.4, 'tiny'],
    [1.5, 'base'],
    [5, 'small'],
    [18, 'large-v3-turbo'],
    [80, 'large-v3-turbo'],
  ])('of a machine of speed %d is, of Whisper’s, %s', (speed, size) => {
    const options = { measure: machine(speed), memoryBytes: 4 * GB, models: whispers }
    expect(sizeOf(recommendModel(options).name)).toBe(size)
    expect(sizeOf(recommendModel({ ...options, language: 'de' }).name)).toBe(size)
  })

  it('knows the language, and only English where that is all that is spoken', () => {
    const options = { measure: machine(3), memoryBytes: 4 * GB }
    expect(recommendModel(options).name).toMatch(/\.en/)
    expect(recommendModel({ ...options, language: 'en-GB' }).name).toMatch(/\.en/)
    for (const language of ['de', 'multi', 'enm']) {
      expect(recommendModel({ ...options, language }).name).not.toMatch(/\.en/)
    }
    expect(recommendModel({ ...options, translate: true }).name).not.toMatch(/\.en/)
  })

  it('can translate where that is wanted', () => {
    const options = { measure: machine(100), memoryBytes: 8 * GB, language: 'de' }
    expect(sizeOf(recommendModel(options).name)).toBe('large-v3-turbo')
    expect(sizeOf(recommendModel({ ...options, translate: true }).name)).toBe('medium')
    const english = { ...options, language: 'en-US', translate: true }
    expect(sizeOf(recommendModel(english).name)).toBe('large-v3-turbo')
  })

  it('leaves memory to others, and says so', () => {
    const { name, because } = recommendModel({ measure: machine(100), memoryBytes: 0.7 * GB })
    expect(name).toBe('small.en-q8_0')
    expect(because).toContain('medium.en-q5_0 needs 1.1 GB of memory, more than can be spared')
  })

  it('says in a sentence what it takes here, and what the next one would', () => {
    const { because } = recommendModel({ measure: machine(1.5), memoryBytes: 4 * GB })
    expect(because).toMatch(
      /^This computer decodes a sentence of 5 s with base\.en-q8_0 in about 0\.\d s, which leaves \d\d % of its speech threads free while you speak; small\.en-q5_1 would .+\.$/,
    )
  })

  it('is a lighter kind where even the smallest falls behind, but only for English', () => {
    const slow = { measure: machine(0.03), memoryBytes: GB }
    expect(recommendModel(slow).name).toBe('moonshine-base')
    expect(recommendModel(slow).because).toMatch(/even tiny\.en-q5_1 would take \d+\.\d s/)
    const german = recommendModel({ ...slow, language: 'de' })
    expect(german.name).toBe('tiny-q5_1')
    expect(german.because).toContain('captions may be late')
    expect(recommendModel({ ...slow, models: whispers }).name).toBe('tiny.en-q5_1')
  })

  it('is one for most where nothing can be measured', () => {
    const unknown = { measure: undefined, memoryBytes: GB }
    expect(recommendModel(unknown).name).toBe('moonshine-base')
    expect(recommendModel({ ...unknown, language: 'fr' }).name).toBe('base-q8_0')
    expect(recommendModel({ ...unknown, models: whispers }).name).toBe('base.en-q8_0')
  })

  const speeds = fc.record({
    encoderGflops: fc.double({ min: 0.5, max: 20_000, noNaN: true }),
    decoderGbps: fc.double({ min: 0.5, max: 500, noNaN: true }),
  })
  const measures = fc.record({
    f16: speeds,
    q8_0: speeds,
    q5_1: speeds,
    q5_0: speeds,
    stepMicros: fc.double({ min: 0.1, max: 2000, noNaN: true }),
  })
  const gains = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), {
    minLength: 9,
    maxLength: 9,
  })

  it('is, of Whisper’s, never smaller on a machine that is faster in any way, or has more memory', () => {
    const faster = (measure: MachineMeasure, by: readonly number[]): MachineMeasure => {
      const kind = (name: (typeof WEIGHTS)[number], at: number) => ({
        encoderGflops: measure[name].encoderGflops * (by[at] ?? 1),
        decoderGbps: measure[name].decoderGbps * (by[at + 1] ?? 1),
      })
      return {
        f16: kind('f16', 0),
        q8_0: kind('q8_0', 2),
        q5_1: kind('q5_1', 4),
        q5_0: kind('q5_0', 6),
        stepMicros: measure.stepMicros / (by[8] ?? 1),
      }
    }
    const asked = fc.record({
      language: fc.constantFrom('en', 'de', 'multi'),
      translate: fc.boolean(),
    })
    const memory = fc.double({ min: 0.1 * GB, max: 8 * GB, noNaN: true })
    const more = fc.double({ min: 1, max: 10, noNaN: true })
    fc.assert(
      fc.property(
        measures,
        gains,
        asked,
        memory,
        more,
        (measure, by, wanted, memoryBytes, grow) => {
          const models = whispers
          const before = recommendModel({ ...wanted, models, measure, memoryBytes })
          const after = recommendModel({
            ...wanted,
            models,
            measure: faster(measure, by),
            memoryBytes: memoryBytes * grow,
          })
          expect(rank(after.name)).toBeGreaterThanOrEqual(rank(before.name))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('keeps within the margin and the memory, wherever any model does', () => {
    fc.assert(
      fc.property(measures, fc.double({ min: 0.1, max: 8, noNaN: true }), (measure, gigabytes) => {
        const options = { measure, memoryBytes: gigabytes * GB }
        const { name } = recommendModel(options)
        const { load, strain } = modelFit({ name }, options)
        if (strain === undefined && load) {
          expect(load.finalS).toBeLessThanOrEqual(FINAL_MAX_S)
          expect(load.busy).toBeLessThanOrEqual(BUSY_MAX)
          return
        }
        // Moonshine, or nothing that fits.
        const english = whispers.filter((model) => model.languages === 'english')
        for (const model of english) expect(modelFit(model, options).strain).toBeDefined()
      }),
    )
  })
})
