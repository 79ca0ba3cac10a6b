import { describe, expect, it } from 'vitest'
import type { Decoded } from '../library/whisper-binding.ts'
import type { WhisperSessionConfig } from '../whisper-messages.ts'
import { createSessionLanguage } from './session-language.ts'

type Config = Partial<Pick<WhisperSessionConfig, 'language' | 'translate' | 'vocabulary'>>

function sessionLanguage(config: Config = {}) {
  return createSessionLanguage({ language: 'auto', translate: false, vocabulary: [], ...config })
}

/** What was heard and, as the model has it, in which language. */
function heardIn(language: string, p = 0.8): Decoded {
  const guesses = [
    { language, p },
    { language: 'nl', p: (1 - p) / 2 },
  ]
  return { tokens: [], language, guesses }
}

describe('the language of a session that was told it', () => {
  it('stays, whatever it sounds like, and is not listened for', () => {
    const language = sessionLanguage({ language: 'de' })
    expect(language.hearInterim(heardIn('en', 0.99))).toBe(true)
    expect(language.hearFinal(heardIn('en', 0.99), 20_000, {})).toBe('de')
    expect(language.finalOptions).toEqual({ language: 'de', translate: false })
    expect(language.interimOptions).toEqual({ language: 'de', translate: false })
  })

  it('hears with the vocabulary in finals, and in no interim', () => {
    const language = sessionLanguage({ language: 'en', vocabulary: ['Saywire', 'Obi'] })
    expect(language.finalOptions.prompt).toBe('Glossary: Saywire, Obi.')
    expect(language.interimOptions).not.toHaveProperty('prompt')
  })

  it('puts spaces between words but where its script has none, and always into English', () => {
    expect(sessionLanguage({ language: 'de' }).isSpaced).toBe(true)
    const codes = ['zh', 'yue', 'ja', 'th', 'lo', 'my', 'km', 'ko']
    expect(codes.filter((code) => sessionLanguage({ language: code }).isSpaced)).toEqual(['ko'])
    expect(sessionLanguage({ language: 'ja', translate: true })).toMatchObject({
      isSpaced: true,
      finalOptions: { translate: true },
    })
  })
})

describe('the language of a session that listens for it', () => {
  it('is asked for with every decode', () => {
    const language = sessionLanguage()
    expect(language.interimOptions).toMatchObject({ language: 'en', detect: true })
    expect(language.finalOptions).toMatchObject({ language: 'en', detect: true })
  })

  it('goes with the first interims, which are sure of nothing until a final has settled it', () => {
    const language = sessionLanguage()
    expect(language.hearInterim(heardIn('de'))).toBe(false)
    expect(language.interimOptions.language).toBe('de')
    expect(language.hearFinal(heardIn('de'), 2000, {})).toBe('de')
    expect(language.hearInterim(heardIn('de'))).toBe(true)
  })

  it('is changed by no interim once it is settled, and such an interim is not sure', () => {
    const language = sessionLanguage()
    language.hearFinal(heardIn('de'), 2000, {})
    expect(language.hearInterim(heardIn('en', 0.99))).toBe(false)
    expect(language.finalOptions.language).toBe('de')
  })

  it('is changed by two finals in a row that agree, not by one', () => {
    const language = sessionLanguage()
    language.hearFinal(heardIn('de'), 2000, {})
    expect(language.hearFinal(heardIn('en'), 2000, {})).toBe('de')
    expect(language.hearFinal(heardIn('en'), 2000, {})).toBe('en')
  })

  it('is not changed by the same speech that is decoded twice', () => {
    const language = sessionLanguage()
    language.hearFinal(heardIn('de'), 2000, {})
    const speech = {}
    expect(language.hearFinal(heardIn('en'), 2000, speech)).toBe('de')
    expect(language.hearFinal(heardIn('en'), 2500, speech)).toBe('de')
    expect(language.hearFinal(heardIn('en'), 2000, {})).toBe('en')
  })

  it('decides the spaces and how the vocabulary is introduced', () => {
    const language = sessionLanguage({ vocabulary: ['Saywire'] })
    language.hearFinal(heardIn('ja'), 2000, {})
    expect(language.isSpaced).toBe(false)
    expect(language.finalOptions.prompt).toBe('Saywire.')
  })

  it('stays where the model tells no language', () => {
    const language = sessionLanguage()
    const nothing: Decoded = { tokens: [], language: undefined }
    expect(language.hearInterim(nothing)).toBe(false)
    expect(language.hearFinal(nothing, 2000, {})).toBe('en')
  })
})
