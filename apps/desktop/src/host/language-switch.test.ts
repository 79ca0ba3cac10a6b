import { describe, expect, it } from 'vitest'
import type { Settings } from '../settings/settings.ts'
import { settingsSchema } from '../settings/settings.ts'
import { applyPatch } from '../settings/settings-patch.ts'
import { initialState } from './initial-state.ts'
import { createLanguageSwitch } from './language-switch.ts'

const MANY = { localModel: 'base' }

function setUp(transcription: Partial<Settings['transcription']>) {
  let settings = settingsSchema.parse({ transcription: { ...MANY, ...transcription } })
  const said: string[] = []
  const facts = {
    sizeBytes: undefined,
    memoryBytes: undefined,
    isPresent: true,
    strain: undefined,
  }
  const catalogue = [
    { name: 'base', languages: 'multilingual', ...facts },
    { name: 'base.en-q8_0', languages: 'english', ...facts },
  ] as const
  const languages = createLanguageSwitch({
    settings: {
      get: () => settings,
      update: (patch) => (settings = applyPatch(settings, patch)),
    },
    model: () => ({ ...initialState('keychain').model, catalogue }),
    onSwitched: (sentence) => said.push(sentence),
  })
  return { languages, said, language: () => settings.transcription.language }
}

describe('the next language', () => {
  it('is the next of the list, and after the last the first', () => {
    const { languages, said, language } = setUp({ quickLanguages: ['en', 'de', 'multi'] })
    languages.next()
    expect(language()).toBe('de')
    languages.next()
    expect(language()).toBe('multi')
    languages.next()
    expect(language()).toBe('en')
    expect(said).toEqual([
      'Language: German.',
      'Language: Detected automatically.',
      'Language: English.',
    ])
  })

  it('is the first of the list where the present one is not in it', () => {
    const { languages, language } = setUp({ language: 'fr', quickLanguages: ['de'] })
    languages.next()
    expect(language()).toBe('de')
  })

  it.each([
    [{}, 'No languages to switch between'],
    [{ language: 'de', quickLanguages: ['DE'] }, 'no other language'],
    [{ localModel: 'base.en-q8_0', quickLanguages: ['en', 'de'] }, 'knows only English'],
    [{ quickLanguages: ['tlh'] }, 'does not know this language'],
  ])('changes nothing where there is none that can be had, and says why: %j', (settings, why) => {
    const { languages, said, language } = setUp(settings)
    const before = language()
    expect(() => languages.next()).toThrow(why)
    expect(language()).toBe(before)
    expect(said).toEqual([])
  })

  it('may be any where another engine than the local one is chosen', () => {
    const { languages, language } = setUp({ mode: 'byok', localModel: 'base.en-q8_0' })
    languages.choose('pt-BR')
    expect(language()).toBe('pt-BR')
  })
})
