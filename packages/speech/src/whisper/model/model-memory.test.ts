import { describe, expect, it } from 'vitest'
import { modelCatalogue } from './model-catalogue.ts'
import { modelMemory } from './model-memory.ts'

describe('the memory of a model', () => {
  it('is stated for each of the catalogue, and more than its file where that is known', () => {
    for (const model of modelCatalogue) {
      expect(modelMemory(model)?.bytes).toBeGreaterThan(model.sizeBytes ?? 60e6)
    }
  })

  it('tells what was measured from what was derived', () => {
    expect(modelMemory({ name: 'base.en' })).toEqual({ bytes: 365e6, source: 'measured' })
    expect(modelMemory({ name: 'base' })).toEqual({ bytes: 377_951_465, source: 'derived' })
    expect(modelMemory({ name: 'unheard-of' })).toBeUndefined()
  })
})
