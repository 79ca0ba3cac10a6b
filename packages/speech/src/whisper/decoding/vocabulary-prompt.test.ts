import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vocabularyPrompt } from './vocabulary-prompt.ts'

describe('the prompt of a vocabulary', () => {
  it('is none where there are no terms', () => {
    expect(vocabularyPrompt([])).toEqual({ prompt: undefined, leftOut: [] })
  })

  it('lists the terms in their order, without an English word where another language is heard', () => {
    const terms = ['Quilter', 'Dashwood']
    expect(vocabularyPrompt(terms).prompt).toBe('Glossary: Quilter, Dashwood.')
    expect(vocabularyPrompt(terms, 'de').prompt).toBe('Quilter, Dashwood.')
  })

  it('counts what a term costs, not how many letters it has', () => {
    const japanese = Array.from({ length: 60 }, (_, i) => `音楽${i}`)
    const latin = Array.from({ length: 60 }, (_, i) => `ab${i}`)
    expect(vocabularyPrompt(japanese).leftOut.length).toBeGreaterThan(0)
    expect(vocabularyPrompt(latin).leftOut).toEqual([])
  })

  it('stays within 400 bytes, and what is left out is the end of the list', () => {
    const term = fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(term, { maxLength: 100 }), (terms) => {
        const { prompt = '', leftOut } = vocabularyPrompt(terms)
        expect(Buffer.byteLength(prompt)).toBeLessThanOrEqual(400)
        const kept = terms.length - leftOut.length
        expect(terms.slice(kept)).toEqual(leftOut)
        if (kept > 0) expect(prompt).toBe(`Glossary: ${terms.slice(0, kept).join(', ')}.`)
      }),
    )
  })
})
