import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { SpeechError } from '../speech-error.ts'
import { feed, listen, run } from '../testing/engine-contract-run.ts'
import { wordErrors } from '../testing/word-error-rate.ts'
import { JFK_TEXT, jfkSpeech, prepareWhisper } from './testing/prepare-whisper.ts'
import { scriptedProcess } from './testing/scripted-process.ts'
import type { ScriptedProcess } from './testing/scripted-process.ts'
import { DEFAULT_MODEL } from './model/model-catalogue.ts'
import { createWhisperEngine, defaultThreads } from './whisper-engine.ts'
import type { WhisperProcess } from './whisper-process.ts'
import { forkWhisperProcess } from './whisper-process.ts'

const whisper = await prepareWhisper()
const never = new AbortController().signal
const TIMEOUT_MS = 300_000

describe('the whisper engine before it has a model', () => {
  const empty = mkdtempSync(join(tmpdir(), 'saywire-no-model-'))
  const engine = createWhisperEngine({ modelsDir: empty, nativeDir: empty })

  it('says that the model is missing instead of starting', async () => {
    await expect(engine.open({ config: {} }, never)).rejects.toMatchObject({
      code: 'model_unavailable',
    })
  })

  it('cannot be warmed without its model, and tries again when it is asked again', async () => {
    for (let time = 0; time < 2; time++) {
      await expect(engine.warm?.()).rejects.toMatchObject({ code: 'model_unavailable' })
    }
  })

  it('refuses a language that the model does not know, and names it', async () => {
    await expect(engine.open({ config: { language: 'de' } }, never)).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringContaining('de') as string,
    })
  })

  it('refuses to translate with a model that knows only English, unless English is spoken', async () => {
    const open = (language?: string) =>
      engine.open({ config: { translate: true, ...(language && { language }) } }, never)
    await expect(open()).rejects.toMatchObject({ code: 'bad_config' })
    await expect(open('en')).rejects.toMatchObject({ code: 'model_unavailable' })
  })

  it('refuses a model that does not exist', () => {
    expect(() =>
      createWhisperEngine({ model: 'huge', modelsDir: empty, nativeDir: empty }),
    ).toThrow(/base\.en/)
  })

  it('leaves half of a machine alone, but takes the two threads that it needs', () => {
    expect([1, 2, 4, 8, 32].map(defaultThreads)).toEqual([1, 2, 2, 4, 4])
  })
})

const reason = whisper.missing === undefined ? '' : ` (skipped: ${whisper.missing})`
describe.skipIf(whisper.missing !== undefined)(
  `the whisper engine${reason}`,
  { timeout: TIMEOUT_MS },
  () => {
    const folders = whisper.missing === undefined ? whisper : { modelsDir: '', nativeDir: '' }

    it('hears what was said, as interims while it is said and finals at pauses', async () => {
      const engine = createWhisperEngine(folders)
      const session = await engine.open({ config: { utterance_end_ms: 1000 } }, never)
      const { events, end } = listen(session)
      const speech = jfkSpeech()
      const interims = () => events.filter((event) => event.type === 'interim')
      // As it is spoken: what is due between two frames is looked for when the next one comes. Slowly
      // until the first interim: the first words must not be over before it, however slow this is.
      for (let at = 0; at < speech.byteLength; at += 3200) {
        await feed(session, speech.slice(at, at + 3200))
        await sleep(interims().length > 0 ? 100 : 500)
      }
      expect(interims().length).toBeGreaterThan(0)
      await feed(session, new Uint8Array(2000 * 32))
      await session.close()
      await end
      await engine.dispose?.()
      const finals = events.filter((event) => event.type === 'final')
      expect(wordErrors(JFK_TEXT, finals.map((final) => final.text).join(' ')).errors).toBeLessThan(
        3,
      )
      expect(finals.every((final) => final.speechFinal)).toBe(true)
      expect(interims()[0]?.text).toMatch(/^and/i)
      expect(events.findLast((event) => event.type === 'utterance-end')).toEqual({
        type: 'utterance-end',
        lastWordEndMs: finals.at(-1)?.words.at(-1)?.endMs,
      })
    })

    it('builds nothing where its app brings a library, and says so where that is no use', async () => {
      const nativeDir = join(mkdtempSync(join(tmpdir(), 'saywire-shipped-')), 'never made')
      const library = { kind: 'shipped', path: join(nativeDir, 'gone.node') } as const
      const notices: string[] = []
      const onNotice = (sentence: string) => notices.push(sentence)
      const engine = createWhisperEngine({ ...folders, nativeDir, library, onNotice })
      const session = await engine.open({ config: {} }, never)
      const { events, end } = listen(session)
      // Little, since that library answers nobody while it decodes.
      await feed(session, jfkSpeech().slice(0, 96_000))
      await session.close()
      await end
      await engine.dispose?.()
      const finals = events.filter((event) => event.type === 'final')
      expect(finals.map((final) => final.text).join(' ')).toMatch(/fellow/)
      expect(notices).toEqual([expect.stringMatching(/does not load here \(.+\): a slower one/)])
      expect(existsSync(nativeDir)).toBe(false)
    })

    it('asks its process for what it was configured, and says once what does not fit', async () => {
      const scripted = scriptProcesses()
      const notices: string[] = []
      const onNotice = (told: string) => notices.push(told)
      const engine = createWhisperEngine({ ...folders, spawn: scripted.spawn, onNotice })
      const keyterm = Array.from({ length: 60 }, (_, i) => `Some Name ${i}`)
      const config = { keyterm, keywords: ['GG:2'] }
      const session = await engine.open({ config }, never)
      await engine.open({ config }, never)
      await engine.open({ config: { keyterm: ['Quilter'] } }, never)
      expect(session.backend).toBe(`whisper ${DEFAULT_MODEL} (GPU)`)
      expect(scripted.opened()[0]).toMatchObject({ translate: false, language: 'en' })
      expect(scripted.opened()[0]?.vocabulary).toEqual([...keyterm, 'GG'])
      await engine.dispose?.()
      expect(notices.filter((told) => told.includes('names and terms'))).toHaveLength(1)
    })

    it('goes on without the GPU where that fails, and says so', async () => {
      const scripted = scriptProcesses()
      const notices: string[] = []
      const onNotice = (told: string) => notices.push(told)
      const nativeDir = mkdtempSync(join(tmpdir(), 'saywire-gpu-'))
      const library = { kind: 'shipped', path: import.meta.filename } as const
      const options = { ...folders, nativeDir, library, spawn: scripted.spawn, onNotice }
      const engine = createWhisperEngine(options)
      const session = await engine.open({ config: {} }, never)
      const { events, end } = listen(session)
      scripted.processes[0]?.exit('SIGSEGV')
      await end
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { retryable: true } })
      expect((await engine.open({ config: {} }, never)).backend).toBe(`whisper ${DEFAULT_MODEL}`)
      expect(notices).toEqual([expect.stringContaining('graphics processor (SIGSEGV)')])
      await engine.dispose?.()
    })

    it('gives no interims where none are wanted', async () => {
      const engine = createWhisperEngine(folders)
      const config = { interim_results: false }
      const { interims, finals } = await run(engine, jfkSpeech(), { config })
      await engine.dispose?.()
      expect(interims).toEqual([])
      expect(finals.length).toBeGreaterThan(0)
    })

    it(
      'is busy beyond its number of sessions, until one of them ends',
      { timeout: TIMEOUT_MS },
      async () => {
        const engine = createWhisperEngine({ ...folders, maxSessions: 1 })
        const first = await engine.open({ config: {} }, never)
        const refused = engine.open({ config: {} }, never)
        await expect(refused).rejects.toMatchObject({ code: 'busy', retryable: true })
        await expect(refused).rejects.toHaveProperty('retryAfterMs')
        await first.close()
        const second = await engine.open({ config: {} }, never)
        await second.close()
        await engine.dispose?.()
      },
    )

    it(
      'ends every session with a retryable error when its process dies, then starts anew',
      { timeout: TIMEOUT_MS },
      async () => {
        const processes: WhisperProcess[] = []
        const spawn = () => {
          const process = forkWhisperProcess()
          processes.push(process)
          return process
        }
        const engine = createWhisperEngine({ ...folders, spawn })
        const sessions = [
          await engine.open({ config: {} }, never),
          await engine.open({ config: {} }, never),
        ]
        const listeners = sessions.map(listen)
        for (const session of sessions) session.write(jfkSpeech())
        processes[0]?.kill()
        for (const { events, end } of listeners) {
          await end
          expect(events.at(-1)).toMatchObject({
            type: 'error',
            error: { code: 'engine_failed', retryable: true } satisfies Partial<SpeechError>,
          })
        }
        for (const session of sessions) await session.close()
        const again = await run(engine, jfkSpeech().subarray(0, 5 * 32_000))
        expect(again.text).not.toBe('')
        expect(processes).toHaveLength(2)
        await engine.dispose?.()
      },
    )

    it(
      'ends its process when it is disposed of, and when it was idle',
      { timeout: TIMEOUT_MS },
      async () => {
        const counted = countProcesses()
        const engine = createWhisperEngine({ ...folders, spawn: counted.spawn, idleMs: 50 })
        await (await engine.open({ config: {} }, never)).close()
        await expect.poll(() => counted.running, { timeout: TIMEOUT_MS }).toBe(0)
        const session = await engine.open({ config: {} }, never)
        await sleep(100)
        expect(counted.running).toBe(1)
        await session.close()
        await engine.dispose?.()
        expect(counted.running).toBe(0)
      },
    )

    it('hears far more than real time brings, and loses no words', async () => {
      const engine = createWhisperEngine(folders)
      const session = await engine.open({ config: {} }, never)
      const { events, end } = listen(session)
      const TIMES = 24
      for (let i = 0; i < TIMES; i++) session.write(jfkSpeech())
      await session.close()
      await end
      await engine.dispose?.()
      const heard = events.flatMap((event) => (event.type === 'final' ? [event.text] : []))
      const reference = Array.from({ length: TIMES }, () => JFK_TEXT).join(' ')
      const { errors, words } = wordErrors(reference, heard.join(' '))
      expect(errors / words).toBeLessThan(0.1)
    })

    it('says once that it is behind, and once that it has caught up', async () => {
      const scripted = scriptProcesses()
      const notices: string[] = []
      const onNotice = (told: string) => notices.push(told)
      const engine = createWhisperEngine({ ...folders, spawn: scripted.spawn, onNotice })
      await engine.open({ config: {} }, never)
      const [request] = scripted.processes[0]?.requests.filter(({ type }) => type === 'open') ?? []
      const session = request?.type === 'open' ? request.session : -1
      for (const pace of ['finals-only', 'finals-only', 'full', 'full'] as const) {
        scripted.processes[0]?.reply({ type: 'pace', session, pace })
      }
      expect(notices).toEqual([expect.stringMatching(/too busy/), 'Captions have caught up.'])
      await engine.dispose?.()
    })

    it('ends with a retryable error, in bounded time, where its process hangs', async () => {
      const processes: WhisperProcess[] = []
      const spawn = () => {
        const process = forkWhisperProcess()
        processes.push(process)
        return process
      }
      const engine = createWhisperEngine({ ...folders, spawn, takingSilenceMs: 500 })
      const session = await engine.open({ config: {} }, never)
      const { events, end } = listen(session)
      process.kill(processes[0]?.pid as number, 'SIGSTOP')
      const speaking = setInterval(() => session.write(new Uint8Array(100 * 32)), 100)
      await end
      clearInterval(speaking)
      expect(events.at(-1)).toMatchObject({
        type: 'error',
        error: { code: 'engine_failed', retryable: true },
      })
      await engine.dispose?.()
    })

    it('loads once when it is warmed, stays loaded while it is idle, and lets go at the end', async () => {
      const counted = countProcesses()
      const engine = createWhisperEngine({ ...folders, spawn: counted.spawn, idleMs: 20 })
      await Promise.all([engine.warm?.(), engine.warm?.()])
      await (await engine.open({ config: {} }, never)).close()
      await sleep(200)
      expect(counted).toMatchObject({ started: 1, running: 1 })
      // What was kept is lost: the next call gets it again.
      counted.kill()
      await expect.poll(() => counted.running, { timeout: TIMEOUT_MS }).toBe(0)
      await engine.warm?.()
      expect(counted).toMatchObject({ started: 2, running: 1 })
      await engine.dispose?.()
      expect(counted.running).toBe(0)
    })

    it('lets go of what it was warmed for as soon as that is not wished for, but never under a session', async () => {
      const counted = countProcesses()
      const engine = createWhisperEngine({ ...folders, spawn: counted.spawn, idleMs: 20 })
      await engine.warm?.()
      engine.cool?.()
      await expect.poll(() => counted.running, { timeout: TIMEOUT_MS }).toBe(0)
      await engine.warm?.()
      const session = await engine.open({ config: {} }, never)
      engine.cool?.()
      await sleep(200)
      expect(counted).toMatchObject({ started: 2, running: 1 })
      await session.close()
      await expect.poll(() => counted.running, { timeout: TIMEOUT_MS }).toBe(0)
      await engine.dispose?.()
    })
  },
)

/** Processes with a GPU that load and do no more. */
function scriptProcesses() {
  const processes: ScriptedProcess[] = []
  return {
    processes,
    opened: () =>
      processes.flatMap(({ requests }) =>
        requests.flatMap((request) => (request.type === 'open' ? [request.config] : [])),
      ),
    spawn() {
      const process = scriptedProcess((request, { reply }) => {
        if (request.type === 'load')
          reply({ type: 'loaded', ...(request.gpu && { gpu: 'Some GPU' }) })
      })
      processes.push(process)
      return process
    },
  }
}

function countProcesses() {
  const processes: WhisperProcess[] = []
  const counted = {
    started: 0,
    running: 0,
    spawn(): WhisperProcess {
      const process = forkWhisperProcess()
      processes.push(process)
      counted.started++
      counted.running++
      process.onExit(() => counted.running--)
      return process
    },
    kill: () => processes.at(-1)?.kill(),
  }
  return counted
}
