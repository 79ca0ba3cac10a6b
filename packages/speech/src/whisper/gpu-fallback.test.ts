import { existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createGpuFallback } from './gpu-fallback.ts'
import type { GpuFallbackDeps, GpuUse } from './gpu-fallback.ts'
import type { WhisperLibrary } from './library/whisper-binding.ts'
import { scriptedProcess } from './testing/scripted-process.ts'
import type { ScriptedProcess } from './testing/scripted-process.ts'
import { startWhisperHost } from './whisper-host.ts'
import type { WhisperRequest } from './whisper-messages.ts'

const DAY_MS = 24 * 3_600_000

const crashesOnProcessor = (process: ScriptedProcess) => {
  process.reply({ type: 'loading' })
  process.exit('SIGKILL')
}
const loads = (process: ScriptedProcess) => process.reply({ type: 'loaded', gpu: 'Some GPU' })
const loadsWithout = (process: ScriptedProcess) => process.reply({ type: 'loaded' })
const crashes = (process: ScriptedProcess) => process.exit('SIGSEGV')

/** A library whose process is scripted: what it does when it is to load with a GPU, and without. */
function setUp(withGpu: (process: ScriptedProcess) => void, without = loadsWithout) {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-gpu-'))
  const nativeDir = join(folder, 'native')
  const library: WhisperLibrary = { kind: 'native', path: join(folder, 'whisper.node') }
  writeFileSync(library.path, 'a library')
  const processes: ScriptedProcess[] = []
  const notices: string[] = []
  const notePath = join(nativeDir, 'whisper.node.gpu-fails')
  const spawn = () => {
    const onRequest = (request: WhisperRequest, process: ScriptedProcess) => {
      if (request.type === 'load') (request.gpu ? withGpu : without)(process)
    }
    const process = scriptedProcess(onRequest)
    processes.push(process)
    return process
  }
  const startHost = async (use: GpuUse) =>
    startWhisperHost({
      ...use,
      spawn,
      library,
      modelPath: 'model',
      voiceModelPath: undefined,
      threads: 1,
    })
  /** As one run of the app does. */
  function createRun(deps: Partial<GpuFallbackDeps> = {}) {
    const onNotice = (sentence: string) => notices.push(sentence)
    const fallback = createGpuFallback({
      nativeDir,
      wanted: true,
      onNotice,
      now: () => 0,
      ...deps,
    })
    return async (used: WhisperLibrary = library) => fallback.start(used, startHost)
  }
  const asked = () => {
    return processes.map(({ requests: [first] }) => first?.type === 'load' && first.gpu)
  }
  return { library, nativeDir, notePath, processes, notices, createRun, asked }
}

describe('the way from the GPU to the processor', () => {
  it('is not taken where the GPU works, and says which it is', async () => {
    const { createRun, notices, asked } = setUp(loads)
    expect((await createRun()()).gpu).toBe('Some GPU')
    expect(asked()).toEqual([true])
    expect(notices).toEqual([])
  })

  it('is none where no GPU is wanted, or the library has none', async () => {
    const { createRun, asked } = setUp(loads)
    expect((await createRun({ wanted: false })()).gpu).toBeUndefined()
    await createRun()({ kind: 'prebuilt' })
    await createRun()({ kind: 'sherpa' })
    expect(asked()).toEqual([false, false, false])
  })

  it('is taken at once where loading fails, said once and remembered', async () => {
    const { createRun, notices, asked, notePath } = setUp(crashes)
    const start = createRun()
    expect((await start()).gpu).toBeUndefined()
    await start()
    expect(asked()).toEqual([true, false, false])
    expect(notices).toEqual([
      expect.stringMatching(/graphics processor \(SIGSEGV, while it loaded the model\)/),
    ])
    expect(notices[0]).toContain(notePath)
    await expect.poll(() => existsSync(notePath)).toBe(true)
    await createRun()()
    expect(asked()).toEqual([true, false, false, false])
    expect(notices).toHaveLength(1)
  })

  it('is none where the machine has no GPU and loading fails', async () => {
    const { createRun, notices, asked } = setUp(crashesOnProcessor)
    const start = createRun()
    await expect(start()).rejects.toMatchObject({ code: 'engine_failed' })
    await expect(start()).rejects.toMatchObject({ code: 'engine_failed' })
    expect(asked()).toEqual([true, true])
    expect(notices).toEqual([])
  })

  it('is taken where loading fails once the GPU is told', async () => {
    const { createRun, notices, asked } = setUp((process) => {
      process.reply({ type: 'loading', gpu: 'Some GPU' })
      process.reply({ type: 'failed', reason: 'out of memory' })
      process.exit('exit code 1')
    })
    await createRun()()
    expect(asked()).toEqual([true, false])
    expect(notices).toEqual([expect.stringContaining('(out of memory)')])
  })

  it('is not remembered where loading fails without the GPU, too', async () => {
    const { createRun, notices, nativeDir, asked } = setUp(crashes, crashes)
    await expect(createRun()()).rejects.toMatchObject({ code: 'engine_failed' })
    expect(asked()).toEqual([true, false])
    expect(notices).toEqual([])
    expect(existsSync(nativeDir)).toBe(false)
  })

  it('is taken by the next start where it crashes in use', async () => {
    const { createRun, processes, notices, asked, notePath } = setUp(loads)
    const start = createRun()
    await start()
    processes[0]?.exit('SIGABRT')
    expect(notices).toHaveLength(1)
    await start()
    expect(asked()).toEqual([true, false])
    await expect.poll(() => existsSync(notePath)).toBe(true)
  })

  it('is taken where the first audio is too much for it, but not once it has decoded', async () => {
    const pcm = new Uint8Array(3200)
    const killed = setUp(loads)
    const host = await killed.createRun()()
    host.send({ type: 'audio', session: 1, pcm })
    killed.processes[0]?.exit('SIGKILL')
    expect(killed.notices).toHaveLength(1)

    const proven = setUp(loads)
    const worked = await proven.createRun()()
    worked.send({ type: 'audio', session: 1, pcm })
    const times = { startMs: 0, endMs: 100 }
    const said = { text: 'word', words: [], confidence: 1, ...times, speechFinal: true }
    proven.processes[0]?.reply({ type: 'event', session: 1, event: { type: 'final', ...said } })
    proven.processes[0]?.exit('SIGKILL')
    expect(proven.notices).toEqual([])
  })

  it('is taken where the library says that it cannot decode, with its words', async () => {
    const { createRun, processes, notices } = setUp(loads)
    await createRun()()
    processes[0]?.reply({ type: 'failed', reason: 'could not decode' })
    processes[0]?.exit('exit code 1')
    expect(notices).toEqual([expect.stringContaining('(could not decode)')])
  })

  it('is taken where it hangs over its first audio, and not where its owner ends it', async () => {
    const { createRun, notices } = setUp(loads)
    const start = createRun()
    const ended = await start()
    ended.send({ type: 'audio', session: 1, pcm: new Uint8Array(3200) })
    ended.kill()
    expect(notices).toEqual([])
    const hangs = await start()
    hangs.send({ type: 'audio', session: 1, pcm: new Uint8Array(3200) })
    hangs.kill('hangs')
    expect(notices).toEqual([expect.stringContaining('(it hung)')])
  })

  it.each<[string, (files: { notePath: string; libraryPath: string }) => unknown, number]>([
    ['the note is removed', async ({ notePath }) => rm(notePath), 0],
    ['the library is another', ({ libraryPath }) => utimesSync(libraryPath, 1, 1), 0],
    ['a month is over', () => undefined, 31 * DAY_MS],
  ])('leads back when %s', async (_, change, nowMs) => {
    const { createRun, library, notePath, asked } = setUp(crashes)
    await createRun()()
    await expect.poll(() => existsSync(notePath)).toBe(true)
    await createRun({ now: () => 29 * DAY_MS })()
    expect(asked()).toEqual([true, false, false])
    await change({ notePath, libraryPath: 'path' in library ? library.path : '' })
    await createRun({ now: () => nowMs })()
    expect(asked().slice(3)).toEqual([true, false])
  })

  it('is found again without a note where none can be written', async () => {
    const { createRun, notices, asked, nativeDir } = setUp(crashes)
    writeFileSync(nativeDir, 'a file in the way')
    const start = createRun()
    await start()
    await start()
    expect(asked()).toEqual([true, false, false])
    expect(notices).toHaveLength(1)
    expect(readFileSync(nativeDir, 'utf8')).toBe('a file in the way')
  })
})
