import { modelCatalogue } from '@saywire/speech/whisper'
import { whisperLanguage } from '@saywire/speech/whisper/languages'
import { expect, it } from 'vitest'
import { languageLabel, languageName, WHISPER_LANGUAGES } from './languages.ts'

it('offers every language of Whisper’s models for many languages, and no other', () => {
  const model = modelCatalogue.find(({ languages }) => languages === 'multilingual')
  if (!model) throw new Error('there is one')
  const isKnown = (tag: string): boolean => {
    try {
      return whisperLanguage(tag, model) === tag
    } catch {
      return false
    }
  }
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
  const pairs = letters.flatMap((first) => letters.map((second) => first + second))
  const triples = pairs.flatMap((pair) => letters.map((third) => pair + third))
  expect([...pairs, ...triples].filter(isKnown).toSorted()).toEqual(WHISPER_LANGUAGES.toSorted())
})

it('has a name for each', () => {
  for (const tag of WHISPER_LANGUAGES) expect(languageName(tag)).not.toBe(tag)
  expect(new Set(WHISPER_LANGUAGES.map(languageName)).size).toBe(WHISPER_LANGUAGES.length)
})

it.each([
  ['en', 'English', 'EN'],
  ['pt-BR', 'Brazilian Portuguese', 'PT-BR'],
  ['multi', 'Detected automatically', 'auto'],
  ['zzz', 'zzz', 'ZZZ'],
])('calls %s %s, and %s where there is little room', (tag, name, label) => {
  expect([languageName(tag), languageLabel(tag)]).toEqual([name, label])
})
