import { describe, expect, it } from 'vitest'
import { transcribeConfigSchema } from './transcribe-config.ts'

/** Every setting at once, each with a value that is allowed. */
const FULL = {
  model: 'nova-3',
  language: 'en-US',
  interim_results: true,
  endpointing: 300,
  utterance_end_ms: 1000,
  punctuate: true,
  smart_format: true,
  numerals: true,
  profanity_filter: true,
  keyterm: ['Saywire'],
  keywords: ['stream:2'],
  replace: ['gonna:going to'],
  diarize: true,
  translate: true,
  filler_words: true,
}

describe('the transcription config', () => {
  it('takes each of its settings as it is, and no setting at all', () => {
    expect(transcribeConfigSchema.parse(FULL)).toEqual(FULL)
    expect(transcribeConfigSchema.parse({})).toEqual({})
  })

  it('has exactly the settings that clients were promised', () => {
    expect(Object.keys(transcribeConfigSchema.shape)).toEqual(Object.keys(FULL))
  })

  it.each(['encoding', 'sample_rate', 'channels', 'callback', '__proto__x'])(
    'refuses the unknown key %s and names it',
    (key) => {
      const { error } = transcribeConfigSchema.safeParse({ [key]: 1 })
      expect(error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: [key] }])
      expect(error?.issues[0]?.message).toContain(key)
    },
  )

  it.each([
    ['model', ''],
    ['model', 'nova 3'],
    ['model', 'a'.repeat(65)],
    ['language', 'en_US'],
    ['language', 'english please'],
    ['interim_results', 'true'],
    ['endpointing', 9],
    ['endpointing', 5001],
    ['endpointing', true],
    ['utterance_end_ms', 999],
    ['utterance_end_ms', 1000.5],
    ['keyterm', 'Saywire'],
    ['keyterm', ['']],
    ['keyterm', ['x'.repeat(101)]],
    ['keyterm', ['\ud800']],
    ['replace', ['a:\udfff']],
    ['keywords', Array(101).fill('x')],
    ['replace', [1]],
  ])('refuses %s: %j and names the setting', (key, value) => {
    const { error } = transcribeConfigSchema.safeParse({ ...FULL, [key]: value })
    expect(error?.issues.map((issue) => issue.path[0])).toEqual([key])
  })

  it.each([
    ['endpointing', 10],
    ['endpointing', 5000],
    ['endpointing', false],
    ['utterance_end_ms', 5000],
    ['language', 'multi'],
    ['language', 'zh-Hans-CN'],
    ['model', 'nova-2-conversationalai'],
    ['keyterm', []],
  ])('takes %s: %j', (key, value) => {
    expect(transcribeConfigSchema.parse({ [key]: value })).toEqual({ [key]: value })
  })
})
