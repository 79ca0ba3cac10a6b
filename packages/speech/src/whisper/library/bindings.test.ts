import { describe, expect, it } from 'vitest'
import { toSamples, writeFloats } from '../../pcm.ts'
import { wordErrors } from '../../testing/word-error-rate.ts'
import { JFK_TEXT, jfkSpeech, prepareWhisper } from '../testing/prepare-whisper.ts'
import { loadNativeBinding } from './native-binding.ts'
import { hasPrebuiltBinding, loadPrebuiltBinding } from './prebuilt-binding.ts'
import type { WhisperBinding, WhisperModel } from './whisper-binding.ts'

const TIMEOUT_MS = 120_000
const whisper = await prepareWhisper()
const modelPath = whisper.missing === undefined ? whisper.modelPath : ''
const nativePath =
  whisper.missing === undefined && whisper.library.kind === 'native' ? whisper.library.path : ''

function samples(): Float32Array {
  const pcm = toSamples(jfkSpeech())
  const floats = new Float32Array(pcm.length)
  writeFloats(pcm, floats)
  return floats
}

/** Some of its words, and when they begin by a forced aligner, ms. */
const FORCED_STARTS = [
  ['my', 940],
  ['fellow', 1240],
  ['americans', 1630],
  ['ask', 3250],
  ['not', 3990],
  ['what', 5370],
  ['country', 5860],
  ['ask', 8150],
  ['what', 8530],
  ['country', 9990],
] as const

async function hear(model: WhisperModel) {
  const options = { language: 'en', threads: 2, singleSegment: true }
  const decoded = await model.decode(samples(), options)
  const { tokens = [], language } = decoded ?? {}
  return { tokens, language, text: tokens.map((token) => token.text).join('') }
}

/** What both must do, so that either can stand in for the other. */
function itHears(load: () => WhisperBinding): void {
  it('hears what was said, word by word, in order', { timeout: TIMEOUT_MS }, async () => {
    const model = await load().load(modelPath)
    const { tokens, text, language } = await hear(model)
    model.free()
    expect(language).toBe('en')
    expect(wordErrors(JFK_TEXT, text).errors).toBeLessThan(3)
    const starts = tokens.map((token) => token.startMs)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    expect(starts.at(-1)).toBeGreaterThan(7000)
  })

  it('refuses a file that is not a model', { timeout: TIMEOUT_MS }, async () => {
    await expect(load().load(import.meta.filename)).rejects.toThrow(/model/i)
  })
}

const noNative = nativePath === ''
const whyNoNative = whisper.missing ?? 'it could not be built here'
describe.skipIf(noNative)(
  `the built binding${noNative ? ` (skipped: ${whyNoNative})` : ''}`,
  () => {
    itHears(() => loadNativeBinding(nativePath))

    it('tells how sure it is', { timeout: TIMEOUT_MS }, async () => {
      const model = await loadNativeBinding(nativePath).load(modelPath)
      const { tokens } = await hear(model)
      for (const { p, logp } of tokens) {
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(logp).toBeLessThanOrEqual(0)
      }
      model.free()
    })

    it('places the words where they were said', { timeout: TIMEOUT_MS }, async () => {
      const model = await loadNativeBinding(nativePath).load(modelPath)
      const options = { language: 'en', threads: 2, singleSegment: true, audioCtx: 600 }
      const { tokens = [], aligned } =
        (await model.decode(samples(), { ...options, aligned: true })) ?? {}
      expect(aligned).toBe(true)
      const words = tokens.filter(({ text }) => text.startsWith(' '))
      const offMs = FORCED_STARTS.map(([word, startMs]) => {
        const starts = words.filter(({ text }) => text.trim().toLowerCase().startsWith(word))
        return Math.min(...starts.map((token) => Math.abs(token.startMs - startMs)))
      })
      const sorted = offMs.toSorted((a, b) => a - b)
      expect(sorted[5]).toBeLessThanOrEqual(60)
      expect(sorted[8]).toBeLessThanOrEqual(150)
      const ends = tokens.map(({ endMs }) => endMs)
      expect(ends).toEqual(ends.toSorted((a, b) => a - b))
      expect((await model.decode(samples(), options))?.aligned).toBe(false)
      model.free()
    })

    it('hears the same whatever the draft', { timeout: TIMEOUT_MS }, async () => {
      const model = await loadNativeBinding(nativePath).load(modelPath)
      const options = { language: 'en', threads: 2, singleSegment: true, audioCtx: 300 }
      const speech = samples().subarray(0, 80_000)
      const textFor = async (draft: string) => {
        const { tokens = [] } = (await model.decode(speech, { ...options, draft })) ?? {}
        return tokens.map(({ text }) => text).join('')
      }
      const text = await textFor('')
      expect(text).toMatch(/fellow Americans/)
      const words = text.split(' ')
      const drafts = [
        text,
        words.slice(0, 3).join(' '),
        `${text} and more than that`,
        text.toLowerCase(),
        words.with(2, 'if').join(' '),
        words.toSpliced(2, 1).join(' '),
        ' Nothing of the kind, and nothing like it, was ever said.',
        ' word'.repeat(500),
      ]
      for (const draft of drafts) expect(await textFor(draft)).toBe(text)
      model.free()
    })

    it('ends what goes in circles, and says so', { timeout: TIMEOUT_MS }, async () => {
      const model = await loadNativeBinding(nativePath).load(modelPath)
      const decode = async (audioCtx: number, loopTokens: number) => {
        const limits = { fallback: false, maxTokens: 40, audioCtx, loopTokens }
        const options = { language: 'en', threads: 2, singleSegment: true, ...limits }
        return model.decode(samples().subarray(0, 40_000), options)
      }
      // In a window so short it says again what it heard; in which of them, the processor decides.
      let windows = 0
      for (const audioCtx of [128, 160, 192, 224]) {
        const endless = await decode(audioCtx, 0)
        expect(endless?.looped).toBe(false)
        if ((endless?.tokens.length ?? 0) < 15) continue
        windows++
        const ended = await decode(audioCtx, 10)
        expect(ended?.looped).toBe(true)
        expect(ended?.tokens.length).toBeLessThan(endless?.tokens.length ?? 0)
      }
      expect(windows).toBeGreaterThan(0)
      model.free()
    })

    it(
      'gives nothing when it is aborted, and hears as well afterwards',
      async () => {
        const model = await loadNativeBinding(nativePath).load(modelPath)
        const options = { language: 'en', threads: 2 }
        const aborted = model.decode(samples(), options)
        model.abort()
        expect(await aborted).toBeUndefined()
        expect((await hear(model)).text).toContain('country')
        model.free()
      },
      TIMEOUT_MS,
    )

    it(
      'decodes one thing at a time, and nothing once it is freed',
      async () => {
        const model = await loadNativeBinding(nativePath).load(modelPath)
        const options = { language: 'en', threads: 2 }
        const first = model.decode(samples(), options)
        await expect(model.decode(samples(), options)).rejects.toThrow('already')
        // While a decode runs: it must end by itself, and not take the process with it.
        model.free()
        expect(await first).toBeUndefined()
        await expect(model.decode(samples(), options)).rejects.toThrow('freed')
      },
      TIMEOUT_MS,
    )
  },
)

const noPrebuilt = whisper.missing !== undefined || !(await hasPrebuiltBinding())
const whyNoPrebuilt = whisper.missing ?? 'none for this platform'
describe.skipIf(noPrebuilt)(
  `the prebuilt binding${noPrebuilt ? ` (skipped: ${whyNoPrebuilt})` : ''}`,
  () => {
    itHears(loadPrebuiltBinding)
  },
)
