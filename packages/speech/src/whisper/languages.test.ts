import { describe, expect, it } from 'vitest'
import { WHISPER_LANGUAGES, whisperLanguage, whisperTranslates } from './languages.ts'
import { modelNamed } from './model/model-catalogue.ts'

const multilingual = modelNamed('base')
const english = modelNamed('base.en')

describe('the languages of Whisper', () => {
  it('are a hundred, each once', () => {
    expect(new Set(WHISPER_LANGUAGES).size).toBe(100)
  })

  it.each(WHISPER_LANGUAGES)('knows its own code %s, with a region too', (code) => {
    expect(whisperLanguage(code, multilingual)).toBe(code)
    expect(whisperLanguage(`${code.toUpperCase()}-001`, multilingual)).toBe(code)
  })

  it.each([
    ['jv', 'jw'],
    ['iw', 'he'],
    ['in-ID', 'id'],
    ['nb-NO', 'no'],
    ['nn-NO', 'nn'],
    ['fil-PH', 'tl'],
    ['cmn-Hans', 'zh'],
    ['zh-TW', 'zh'],
    ['zh-Hant-TW', 'zh'],
    ['zh-HK', 'yue'],
    ['zh-Hant-HK', 'yue'],
    ['zh-yue', 'yue'],
    ['zh-cmn-Hans', 'zh'],
    ['pt-BR', 'pt'],
    ['es-419', 'es'],
    ['multi', 'auto'],
  ])('takes %s for %s', (tag, code) => {
    expect(whisperLanguage(tag, multilingual)).toBe(code)
  })

  it('detects the language where none is named, on a model that knows several', () => {
    expect(whisperLanguage(undefined, multilingual)).toBe('auto')
    expect(whisperLanguage(undefined, english)).toBe('en')
    expect(whisperLanguage('en-GB', english)).toBe('en')
  })

  it.each(['tlh', 'auto', 'constructor', 'zh-min'])('refuses %s, and names it', (tag) => {
    expect(() => whisperLanguage(tag, multilingual)).toThrow(tag)
  })

  it.each(['de', 'multi'])('refuses %s on a model that knows only English', (tag) => {
    expect(() => whisperLanguage(tag, english)).toThrow(/base\.en only knows English/)
  })
})

describe('translating', () => {
  it('is what a model with many languages can', () => {
    expect(whisperTranslates(true, 'de', multilingual)).toBe(true)
    expect(whisperTranslates(true, undefined, multilingual)).toBe(true)
    expect(whisperTranslates(false, 'de', multilingual)).toBe(false)
    expect(whisperTranslates(undefined, 'de', multilingual)).toBe(false)
  })

  it('is nothing to do where the speech is English', () => {
    expect(whisperTranslates(true, 'en-US', multilingual)).toBe(false)
    expect(whisperTranslates(true, 'en', english)).toBe(false)
  })

  it('is refused by a model that knows only English, which says what to do', () => {
    const asked = () => whisperTranslates(true, undefined, english)
    expect(asked).toThrow(expect.objectContaining({ code: 'bad_config' }))
    expect(asked).toThrow(/without "\.en"/)
  })

  it('is refused by a turbo model, which was not taught it', () => {
    const turbo = { ...multilingual, name: 'large-v3-turbo-q5_0' }
    expect(() => whisperTranslates(true, 'de', turbo)).toThrow(/was not taught to translate/)
    expect(whisperTranslates(true, 'en', turbo)).toBe(false)
  })
})
