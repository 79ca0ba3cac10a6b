import { describe, expect, it } from 'vitest'
import { settingsSchema } from './settings.ts'

describe('addresses in the settings', () => {
  it.each([
    ['transcription', { serverUrl: 'https://me:secret@example.org' }],
    ['transcription', { serverUrl: 'https://token@example.org/asr' }],
    ['obs', { url: 'ws://:secret@127.0.0.1:4455' }],
  ])('of %s hold no password: %j', (section, fields) => {
    const { error } = settingsSchema.safeParse({ [section]: fields })
    expect(error?.issues[0]?.message).toBe('write it without a name and password')
  })

  it('may hold an @ elsewhere', () => {
    const serverUrl = 'https://example.org/@asr?to=a@b'
    const settings = settingsSchema.parse({ transcription: { serverUrl } })
    expect(settings.transcription.serverUrl).toBe(serverUrl)
  })
})

describe('names and terms', () => {
  const vocabularyOf = (vocabulary: readonly string[]) =>
    settingsSchema.safeParse({ transcription: { vocabulary } })
  const numbered = (count: number) => Array.from({ length: count }, (_, at) => `name ${at}`)

  it('are trimmed, and each is there once, whatever its case, in the user’s order', () => {
    const { data } = vocabularyOf([' Zoë', 'Saywire', 'zoë', 'SAYWIRE ', 'Elden Ring'])
    expect(data?.transcription.vocabulary).toEqual(['Zoë', 'Saywire', 'Elden Ring'])
  })

  it('are as many as any engine takes, repetitions not counted', () => {
    expect(vocabularyOf([...numbered(100), 'Name 1']).success).toBe(true)
    const [issue] = vocabularyOf(numbered(101)).error?.issues ?? []
    expect(issue?.message).toBe('100 terms are the most')
  })

  it.each([[''], ['   '], ['x'.repeat(101)]])('are none of these: %j', (term) => {
    expect(vocabularyOf([term]).success).toBe(false)
  })
})

describe('languages to switch between', () => {
  it.each([
    [
      ['en', 'de', 'EN', 'multi'],
      ['en', 'de', 'multi'],
    ],
    [['en', 'no tag'], undefined],
    [['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv'], undefined],
  ])('%j become %j', (quickLanguages, expected) => {
    const { data } = settingsSchema.safeParse({ transcription: { quickLanguages } })
    expect(data?.transcription.quickLanguages).toEqual(expected)
  })
})
