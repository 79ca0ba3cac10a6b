import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WHISPER_LANGUAGES } from '../languages.ts'
import { prepareLibrary } from '../testing/prepare-whisper.ts'
import { noise } from '../testing/synthetic-audio.ts'
import type { SyntheticModelOptions } from '../testing/synthetic-model.ts'
import { writeSyntheticModel } from '../testing/synthetic-model.ts'
import { loadNativeBinding } from './native-binding.ts'
import { hasPrebuiltBinding, loadPrebuiltBinding } from './prebuilt-binding.ts'
import type { WhisperBinding, WhisperModel } from './whisper-binding.ts'

const TIMEOUT_MS = 120_000
const GERMAN = 2
const CANTONESE = 99
const library = await prepareLibrary()
const addonPath = library.kind === 'native' ? library.path : ''
const folder = mkdtempSync(join(tmpdir(), 'saywire-synthetic-'))
const samples = noise(2000, 0.1)
const quick = { threads: 1, audioCtx: 256, singleSegment: true, fallback: false } as const
const loaded: WhisperModel[] = []

async function load(
  options: Omit<SyntheticModelOptions, 'path'>,
  binding: () => WhisperBinding = () => loadNativeBinding(addonPath),
): Promise<WhisperModel> {
  const path = join(folder, `${options.languages}-${options.hears ?? 0}.bin`)
  if (!existsSync(path)) await writeSyntheticModel({ path, ...options })
  const model = await binding().load(path)
  loaded.push(model)
  return model
}

afterEach(() => {
  for (const model of loaded.splice(0)) model.free()
})

describe.skipIf(addonPath === '')(
  `a model of many languages${addonPath === '' ? ' (skipped: no library was built here)' : ''}`,
  { timeout: TIMEOUT_MS },
  () => {
    it('tells the language it hears, alone and beside a decode in another', async () => {
      const model = await load({ languages: 'multilingual', hears: GERMAN })
      const guesses = await model.detectLanguage(samples, { threads: 1, audioCtx: 256 })
      expect(guesses?.[0]?.language).toBe('de')
      expect(guesses?.[0]?.p).toBeGreaterThan(0.9)
      const decoded = await model.decode(samples, { ...quick, language: 'en', detect: true })
      expect(decoded?.language).toBe('en')
      expect(decoded?.guesses?.map(({ language }) => language)).toEqual(
        guesses?.map(({ language }) => language),
      )
      expect(decoded?.guesses?.[0]?.p).toBeCloseTo(guesses?.[0]?.p ?? 0, 2)
    })

    it('gives its guesses as probabilities of its own languages, the surest first', async () => {
      const model = await load({ languages: 'multilingual', hears: GERMAN })
      const guesses = (await model.detectLanguage(samples, { threads: 1 })) ?? []
      const ps = guesses.map(({ p }) => p ?? Number.NaN)
      expect(ps).toEqual(ps.toSorted((a, b) => b - a))
      expect(ps.every((p) => p > 0 && p <= 1)).toBe(true)
      expect(ps.reduce((sum, p) => sum + p, 0)).toBeLessThanOrEqual(1.000_1)
      expect(guesses.every(({ language }) => WHISPER_LANGUAGES.includes(language))).toBe(true)
    })

    it('tells no language unless it is asked to', async () => {
      const model = await load({ languages: 'multilingual', hears: GERMAN })
      const decoded = await model.decode(samples, { ...quick, language: 'de' })
      expect(decoded).toMatchObject({ language: 'de', guesses: undefined })
    })

    it('decodes in every language there is, Cantonese as Chinese where it was taught so', async () => {
      const older = await load({ languages: 'multilingual' })
      const newer = await load({ languages: 'with-cantonese', hears: CANTONESE })
      for (const language of WHISPER_LANGUAGES) {
        const decoded = await older.decode(samples, { ...quick, language })
        expect(decoded?.language).toBe(language === 'yue' ? 'zh' : language)
      }
      const cantonese = await newer.decode(samples, { ...quick, language: 'yue', detect: true })
      expect(cantonese?.language).toBe('yue')
      expect(cantonese?.guesses?.[0]?.language).toBe('yue')
    })

    it('detects, translates and takes a prompt of any length in any script', async () => {
      const model = await load({ languages: 'multilingual', hears: GERMAN })
      const detected = await model.decode(samples, { ...quick, language: 'auto' })
      expect(detected?.language).toBe('de')
      for (const prompt of ['Glossary: Quilter.', 'Слова: Ёлка, 音楽.', 'much '.repeat(400)]) {
        const options = { ...quick, language: 'de', translate: true, prompt }
        expect(await model.decode(samples, options)).toBeDefined()
      }
    })

    it('ends a detection that is aborted, and detects as well afterwards', async () => {
      const model = await load({ languages: 'multilingual', hears: GERMAN })
      const aborted = model.detectLanguage(samples, { threads: 1 })
      model.abort()
      expect(await aborted).toBeUndefined()
      const guesses = await model.detectLanguage(samples, { threads: 1 })
      expect(guesses?.[0]?.language).toBe('de')
    })

    it('refuses a language that nobody speaks', async () => {
      const model = await load({ languages: 'multilingual' })
      const decode = model.decode(samples, { ...quick, language: 'tlh' })
      await expect(decode).rejects.toThrow(/tlh/)
    })

    it('leaves it to no model that knows only English to do what it cannot', async () => {
      const model = await load({ languages: 'english' })
      const refused = [
        model.decode(samples, { ...quick, language: 'de' }),
        model.decode(samples, { ...quick, language: 'auto' }),
        model.decode(samples, { ...quick, language: 'en', translate: true }),
        model.decode(samples, { ...quick, language: 'en', detect: true }),
        model.detectLanguage(samples, { threads: 1 }),
      ]
      for (const attempt of refused) await expect(attempt).rejects.toThrow(/only English/)
      const decoded = await model.decode(samples, { ...quick, language: 'en' })
      expect(decoded?.language).toBe('en')
    })
  },
)

const noPrebuilt = !(await hasPrebuiltBinding())
describe.skipIf(noPrebuilt)(
  `a model of many languages in the prebuilt library${noPrebuilt ? ' (skipped: none for this platform)' : ''}`,
  { timeout: TIMEOUT_MS },
  () => {
    it('tells the language it hears, alone and beside a decode in another', async () => {
      const model = await load({ languages: 'multilingual', hears: GERMAN }, loadPrebuiltBinding)
      const guesses = [{ language: 'de', p: undefined }]
      expect(await model.detectLanguage(samples, { threads: 1 })).toEqual(guesses)
      const decoded = await model.decode(samples, { ...quick, language: 'en', detect: true })
      expect(decoded).toMatchObject({ language: 'en', guesses })
    })

    it('decodes Cantonese as Chinese where it was taught so, translates and takes a prompt', async () => {
      const model = await load({ languages: 'multilingual' }, loadPrebuiltBinding)
      const options = { ...quick, translate: true, prompt: 'Quilter.' }
      expect((await model.decode(samples, { ...options, language: 'yue' }))?.language).toBe('zh')
    })

    it('leaves it to no model that knows only English to do what it cannot', async () => {
      const model = await load({ languages: 'english' }, loadPrebuiltBinding)
      const refused = [
        model.decode(samples, { ...quick, language: 'de' }),
        model.decode(samples, { ...quick, language: 'en', translate: true }),
        model.detectLanguage(samples, { threads: 1 }),
      ]
      for (const attempt of refused) await expect(attempt).rejects.toThrow(/only English/)
    })
  },
)
