import { describe, expect, it } from 'vitest'
import { vocabularyOf } from './vocabulary.ts'

describe('the vocabulary of a session', () => {
  it('is empty where none is given', () => {
    expect(vocabularyOf({})).toEqual([])
  })

  it('has the key terms first, then the keywords by their boost, without it', () => {
    const config = {
      keyterm: ['Saywire', 'OBS Studio'],
      keywords: ['Malenia', 'Ranni:2.5', 'Radahn:2'],
    }
    expect(vocabularyOf(config)).toEqual(['Saywire', 'OBS Studio', 'Ranni', 'Radahn', 'Malenia'])
  })

  it('leaves out what is to be heard less often', () => {
    expect(vocabularyOf({ keywords: ['um:-3', 'like:0', 'GG'] })).toEqual(['GG'])
  })

  it('keeps a colon that is no boost', () => {
    expect(vocabularyOf({ keywords: ['Halo: Reach', 'Re:Zero'] })).toEqual([
      'Halo: Reach',
      'Re:Zero',
    ])
  })

  it('has each term once, as it was written first, and in one line', () => {
    const config = { keyterm: ['xQc', 'Elden\n Ring'], keywords: ['XQC:9', 'elden ring:5'] }
    expect(vocabularyOf(config)).toEqual(['xQc', 'Elden Ring'])
  })
})
