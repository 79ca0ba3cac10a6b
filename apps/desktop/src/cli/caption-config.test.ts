import { describe, expect, it } from 'vitest'
import type { EngineKind } from '../engines.ts'
import type { CaptionConfigOptions } from './caption-config.ts'
import { captionConfig, writtenLanguage } from './caption-config.ts'

describe('what an engine is asked for', () => {
  it.each<[string, CaptionConfigOptions, EngineKind, object]>([
    ['interims, and no more', {}, 'local', { interim_results: true }],
    ['finals only', { fast: true }, 'local', { interim_results: false }],
    [
      'terms, by either name',
      { term: ['Zoë'], keyterm: ['Saywire'] },
      'byok',
      { keyterm: ['Zoë', 'Saywire'] },
    ],
    ['a model of Deepgram', { model: 'nova-2' }, 'byok', { model: 'nova-2' }],
    ['English', { translate: true, model: 'base', language: 'de' }, 'local', { translate: true }],
    ['English of a server', { translate: true }, 'managed', { translate: true }],
  ])('is %s', (_what, options, kind, asked) => {
    expect(captionConfig(options, kind)).toMatchObject(asked)
  })

  it('is no translation of what is English already', () => {
    const config = captionConfig({ translate: true, language: 'en-GB' }, 'local')
    expect(config.translate).toBeUndefined()
    expect(config.model).toBeUndefined()
  })

  it.each<[CaptionConfigOptions, EngineKind, string]>([
    [{ translate: true }, 'local', 'base.en-q8_0 knows only English'],
    [{ translate: true, language: 'de' }, 'byok', 'not for Deepgram'],
    [{ translate: true, model: 'large-v3-turbo-q5_0' }, 'local', 'was not taught it'],
    [{ term: ['x'.repeat(101)] }, 'local', '--term must have 1 to 100 characters.'],
    [{ keyterm: [' '] }, 'local', '--term must have 1 to 100 characters.'],
    [
      { term: Array.from({ length: 101 }, String) },
      'byok',
      '--term may be given 100 times at most.',
    ],
    [{ language: 'not a tag' }, 'local', '--language'],
  ])('is refused in a sentence: %j of %s', (options, kind, sentence) => {
    expect(() => captionConfig(options, kind)).toThrow(sentence)
  })
})

it('names the language that captions are written in', () => {
  expect(writtenLanguage({})).toBe('en')
  expect(writtenLanguage({ language: 'de' })).toBe('de')
  expect(writtenLanguage({ language: 'de', translate: true })).toBe('en')
})
