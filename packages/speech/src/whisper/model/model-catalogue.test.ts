import { describe, expect, it } from 'vitest'
import { whisperVariant } from '../fit/model-shape.ts'
import { DEFAULT_MODEL, modelCatalogue, modelNamed } from './model-catalogue.ts'

/** Weights a number holds, on average, in a file of that kind; and how many a size has, millions. */
const BYTES_PER_WEIGHT = { f16: 2, q8_0: 34 / 32, q5_1: 24 / 32, q5_0: 22 / 32 }
const WEIGHTS_M = { tiny: 39, base: 74, small: 244, medium: 769, 'large-v3-turbo': 809 }

describe('the catalogue', () => {
  it('has a size for each model, and a checksum of its own for each file of weights', () => {
    const weights = modelCatalogue.flatMap(({ files }) =>
      files.filter(({ name }) => !name.endsWith('/tokens')),
    )
    const sums = new Set(weights.map(({ sha256 }) => sha256))
    expect(sums.size).toBe(weights.length)
    for (const { sizeBytes, name } of modelCatalogue)
      expect.soft(sizeBytes, name).toBeGreaterThan(0)
    for (const sum of sums) expect(sum).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(modelCatalogue.map(({ name }) => name)).size).toBe(modelCatalogue.length)
  })

  it('gives sizes that fit the names', () => {
    for (const { name, sizeBytes } of modelCatalogue) {
      const variant = whisperVariant(name)
      if (!variant) continue
      const { size, weights } = variant
      const expected = WEIGHTS_M[size as keyof typeof WEIGHTS_M] * 1e6 * BYTES_PER_WEIGHT[weights]
      expect.soft(sizeBytes, name).toBeGreaterThan(expected * 0.95)
      expect.soft(sizeBytes, name).toBeLessThan(expected * 1.15)
    }
  })

  it('knows its default, and names what there is where it is asked for another', () => {
    expect(modelNamed(DEFAULT_MODEL).languages).toBe('english')
    expect(modelNamed('large-v3-turbo-q5_0').languages).toBe('multilingual')
    expect(() => modelNamed('huge')).toThrow(
      /tiny\.en, .*small\.en-q5_1, .*large-v3-turbo, .*moonshine-base\.$/,
    )
  })
})
