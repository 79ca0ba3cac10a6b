import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { feed, listen, run } from '../testing/engine-contract-run.ts'
import { wordErrors } from '../testing/word-error-rate.ts'
import { prepareMoonshine } from './testing/prepare-moonshine.ts'
import { JFK_TEXT, jfkSpeech } from './testing/prepare-whisper.ts'
import { scriptedProcess } from './testing/scripted-process.ts'
import { createWhisperEngine } from './whisper-engine.ts'

const TIMEOUT_MS = 120_000
const never = new AbortController().signal
const moonshine = await prepareMoonshine()
const reason = moonshine.missing === undefined ? '' : ` (skipped: ${moonshine.missing})`

describe.skipIf(moonshine.missing !== undefined)(
  `the engine with a model of Moonshine${reason}`,
  { timeout: TIMEOUT_MS },
  () => {
    const deps = moonshine.missing === undefined ? moonshine : { modelsDir: '', nativeDir: '' }

    it('hears what was said, says who heard it, and builds nothing', async () => {
      const nativeDir = join(mkdtempSync(join(tmpdir(), 'saywire-moonshine-')), 'never made')
      const notices: string[] = []
      const onNotice = (sentence: string) => notices.push(sentence)
      const engine = createWhisperEngine({ ...deps, nativeDir, onNotice })
      const session = await engine.open({ config: {} }, never)
      const { events, end } = listen(session)
      await feed(session, jfkSpeech())
      await session.close()
      await end
      await engine.dispose?.()
      expect(session.backend).toBe('moonshine base')
      const finals = events.filter((event) => event.type === 'final')
      const { errors, words } = wordErrors(JFK_TEXT, finals.map((final) => final.text).join(' '))
      expect(errors / words).toBeLessThan(0.15)
      expect(existsSync(nativeDir)).toBe(false)
      expect(notices).toEqual([])
      for (const final of finals) {
        for (const word of final.words) {
          expect(word.confidence).toBe(0.5)
          expect(word.startMs).toBeGreaterThanOrEqual(final.startMs)
          expect(word.endMs).toBeLessThanOrEqual(final.endMs)
        }
      }
    })

    it('places the words near where they were said', async () => {
      const engine = createWhisperEngine(deps)
      const { finals } = await run(engine, jfkSpeech(), { config: { interim_results: false } })
      await engine.dispose?.()
      const words = finals.flatMap((final) => final.words)
      const startOf = (text: RegExp) => words.find((word) => text.test(word.text))?.startMs ?? 0
      // As Whisper has them, who tells.
      expect(Math.abs(startOf(/americans/i) - 1800)).toBeLessThan(700)
      expect(Math.abs((words.at(-1)?.endMs ?? 0) - 10_400)).toBeLessThan(700)
    })

    it('is asked for no GPU, no names and no translation, which it does not know', async () => {
      const process = scriptedProcess((request, { reply }) => {
        if (request.type === 'load') reply({ type: 'loaded' })
      })
      const notices: string[] = []
      const onNotice = (sentence: string) => notices.push(sentence)
      const engine = createWhisperEngine({ ...deps, spawn: () => process, onNotice })
      const keyterm = Array.from({ length: 60 }, (_, i) => `Some Name ${i}`)
      const config = { keyterm, language: 'en', translate: true }
      const session = await engine.open({ config }, never)
      expect(session.backend).toBe('moonshine base')
      const [load, open] = process.requests
      expect(load).toMatchObject({ library: { kind: 'sherpa' }, gpu: false })
      expect(open).toMatchObject({ config: { vocabulary: [], translate: false } })
      expect(notices).toEqual([])
      await engine.dispose?.()
    })

    it('refuses to translate, and names the models that can', async () => {
      const engine = createWhisperEngine(deps)
      const translating = engine.open({ config: { translate: true } }, never)
      await expect(translating).rejects.toMatchObject({
        code: 'bad_config',
        message: expect.stringContaining('Whisper') as string,
      })
    })

    it('knows English only', async () => {
      const engine = createWhisperEngine(deps)
      await expect(engine.open({ config: { language: 'de' } }, never)).rejects.toMatchObject({
        code: 'bad_config',
      })
    })
  },
)
