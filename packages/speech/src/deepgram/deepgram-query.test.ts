import { describe, expect, it } from 'vitest'
import { deepgramQuery } from './deepgram-query.ts'

describe('deepgramQuery', () => {
  it('always declares the audio that Saywire sends, and asks for captions by default', () => {
    expect(deepgramQuery({})).toEqual({
      model: 'nova-3',
      encoding: 'linear16',
      sample_rate: '16000',
      channels: '1',
      vad_events: 'true',
      interim_results: 'true',
      punctuate: 'true',
    })
  })

  it('passes every setting of the config on', () => {
    const query = deepgramQuery({
      model: 'nova-3-medical',
      language: 'en-US',
      interim_results: false,
      endpointing: false,
      utterance_end_ms: 1500,
      punctuate: false,
      smart_format: true,
      numerals: true,
      profanity_filter: true,
      keyterm: ['Saywire', 'a & b=c'],
      replace: ['gonna:going to'],
      diarize: true,
      filler_words: true,
    })
    expect(query).toMatchObject({
      model: 'nova-3-medical',
      language: 'en-US',
      interim_results: 'false',
      endpointing: 'false',
      utterance_end_ms: '1500',
      punctuate: 'false',
      smart_format: 'true',
      numerals: 'true',
      profanity_filter: 'true',
      keyterm: ['Saywire', 'a & b=c'],
      replace: ['gonna:going to'],
      diarize: 'true',
      filler_words: 'true',
    })
  })

  it.each([
    ['nova-3', 'keyterm'],
    ['nova-3-medical', 'keyterm'],
    ['nova-12', 'keyterm'],
    ['nova-2', 'keywords'],
    ['nova', 'keywords'],
    ['enhanced', 'keywords'],
  ] as const)('sends %s only its own way to boost words: %s', (model, known) => {
    const query = deepgramQuery({ model, keyterm: ['alpha'], keywords: ['beta:2'] })
    const sent = ['keyterm', 'keywords'].filter((name) => name in query)
    expect(sent).toEqual([known])
  })

  it('takes one list of terms to every model, and asks for no translation', () => {
    const query = deepgramQuery({ model: 'nova-2', keyterm: ['Saywire'], translate: true })
    expect(query).toMatchObject({ keywords: ['Saywire'] })
    expect(query).not.toHaveProperty('keyterm')
    expect(query).not.toHaveProperty('translate')
  })

  it('asks for no more terms than Deepgram takes, the first ones', () => {
    const names = Array.from({ length: 100 }, (_, at) => `Name ${String(at).padStart(2, '0')}`)
    expect(deepgramQuery({ keyterm: names })['keyterm']).toEqual(names)
    const long = names.map((name) => `${name} of the house of the long names`)
    const sent = deepgramQuery({ keyterm: long })['keyterm'] ?? []
    expect(sent).toEqual(long.slice(0, sent.length))
    const letters = long.slice(0, sent.length).join('').length
    expect(letters).toBeGreaterThan(900)
    expect(letters).toBeLessThanOrEqual(1000)
  })

  it('takes no part of a term for a boost', () => {
    const query = deepgramQuery({ model: 'nova-2', keyterm: ['Re:Zero'] })
    expect(query['keywords']).toEqual(['Re Zero'])
    expect(deepgramQuery({ keyterm: ['Re:Zero'] })['keyterm']).toEqual(['Re:Zero'])
  })
})
