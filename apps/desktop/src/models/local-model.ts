import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SpeechError } from '@saywire/speech'
import type { ModelSource, WhisperLibrary } from '@saywire/speech/whisper'
import {
  DEFAULT_MODEL,
  defaultModelSources,
  ensureLibraryFor,
  ensureModel,
  isModelPresent,
  modelCatalogue,
  modelFit,
  modelMemory,
  recommendModel,
} from '@saywire/speech/whisper'
import type { ModelView } from '../api/desktop-state.ts'
import type { DesktopEnv } from '../env.ts'
import type { Settings } from '../settings/settings.ts'
import type { MachineFigures, RememberedMachine } from './machine-figures.ts'

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
  /**
   * Shows which model is right for this computer: measures it, with the speech library, which is
   * built where it is missing. What is known from before counts unless it is wanted `again`.
   * @returns whether it was measured
   */
  recommend(again: boolean): Promise<boolean>
  /** Whether a model is here, or can be fetched now. */
  canHave(name: string): Promise<boolean>
}

export interface LocalModelDeps {
  readonly env: Pick<DesktopEnv, 'modelsDir' | 'nativeDir' | 'modelFile'>
  readonly machine: RememberedMachine
  /** Of the settings: the recommended model must know the language, and translate where that is wanted. */
  wanted(): Pick<Settings['transcription'], 'language' | 'translate'>
  publish(view: ModelView): void
  onNotice(sentence: string): void
  /** The speech library that came with the app. Default: found in `env.nativeDir`, or built there. */
  readonly library?: WhisperLibrary
  /** Default: `defaultModelSources()`. */
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
  /** Its end is a model; otherwise it only serves all of them. */
  readonly isFetch: boolean
  readonly abort: AbortController
  done: Promise<void>
}

/** The local engine's models on this machine, and what is being done about them. */
export function createLocalModel(deps: LocalModelDeps): LocalModel {
  const { env, publish, onNotice } = deps
  const { modelsDir, nativeDir } = env
  const sourcesOf = deps.sources ?? ((name) => defaultModelSources({ ...env, name }))
  let chosen = ''
  let present = new Set<string>()
  let work: Work | undefined
  let figures: MachineFigures | undefined
  let isMeasuring = false

  function show(status: ModelView['status'], progress: Partial<Progress> = {}): void {
    const machine = figures && { ...figures, measure: figures.measure ?? undefined }
    const catalogue = modelCatalogue.map((model) => {
      const { name, sizeBytes, languages } = model
      const memoryBytes = modelMemory(model)?.bytes
      const strain = machine && modelFit(model, machine).strain
      return { name, sizeBytes, memoryBytes, languages, isPresent: present.has(name), strain }
    })
    const { language, translate } = deps.wanted()
    const recommended = machine && recommendModel({ ...machine, language, translate })
    const name = work?.name ?? chosen
    publish({ name, status, ...NOTHING, ...progress, catalogue, isMeasuring, recommended })
  }

  function showPresent(progress: Partial<Progress> = {}): void {
    show(present.has(chosen) ? 'ready' : 'missing', progress)
  }

  async function look(): Promise<void> {
    const names = modelCatalogue.map(({ name }) => name)
    const found = await Promise.all(names.map(async (name) => isModelPresent({ name, modelsDir })))
    present = new Set(names.filter((_name, index) => found[index]))
    const part = await partOf(chosen)
    if (!work) showPresent(part)
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

  async function bringLibrary(name: string, signal: AbortSignal): Promise<WhisperLibrary> {
    const onPercent = (buildPercent: number) =>
      show('building', { buildPercent, sentence: 'Fitting speech recognition to this computer.' })
    const brought = deps.library && { brought: deps.library }
    const options = { nativeDir, onPercent, onNotice, signal, ...brought }
    const library = await ensureLibraryFor(name, options)
    // Another library computes at another pace. Moonshine's is not what is measured.
    const isNew = library !== deps.library && library.kind !== 'sherpa'
    if (figures && isNew) figures = await deps.machine.recall(library)
    return library
  }

  /** Without figures another model is as good as before: only told. */
  async function measure(signal: AbortSignal, again: boolean): Promise<boolean> {
    // Whichever is chosen, it is Whisper's models that are measured for.
    const library = await bringLibrary(DEFAULT_MODEL, signal)
    if (!again) figures ??= await deps.machine.recall(library)
    if (figures && !again) return false
    isMeasuring = true
    try {
      showPresent()
      figures = await deps.machine.measure(library, signal)
      return true
    } catch (error) {
      signal.throwIfAborted()
      onNotice(error instanceof SpeechError ? error.message : 'This computer was not measured.')
      return false
    } finally {
      isMeasuring = false
    }
  }

  /** One thing at a time; what is shown afterwards is what is there then. */
  async function run(
    name: string,
    task: (signal: AbortSignal) => Promise<unknown>,
    isFetch = false,
  ): Promise<void> {
    const abort = new AbortController()
    const mine: Work = { name, isFetch, abort, done: Promise.resolve() }
    work = mine
    mine.done = finish(mine, task)
    await mine.done
  }

  /** Cancelled work ends without an error. */
  async function finish(
    mine: Work,
    task: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
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
      figures ??= await deps.machine.recall(deps.library)
      await look()
    },
    async fetch(name) {
      while (work) {
        if (!work.isFetch) {
          await work.done.catch(() => undefined)
          continue
        }
        if (work.name === name) return work.done
        await finishWork()
      }
      await run(name, async (signal) => bring(name, signal), true)
    },
    cancel: () => work?.abort.abort(),
    async remove(name) {
      const model = modelCatalogue.find((one) => one.name === name)
      if (!model) return
      if (work?.name === name) await finishWork()
      for (const ending of ['', '.verified', '.part', '.part.verified', '.part.raw']) {
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
    async recommend(again) {
      while (work) await work.done.catch(() => undefined)
      let isMeasured = false
      await run(chosen, async (signal) => {
        isMeasured = await measure(signal, again)
      })
      return isMeasured
    },
    async canHave(name) {
      const model = modelCatalogue.find((one) => one.name === name)
      if (!model || present.has(name)) return model !== undefined
      const sources = sourcesOf(name)
      const found = await Promise.all(
        model.files.map(async (file) => {
          const offering = sources.filter((source) => source.offers(file))
          return Promise.all(offering.map(async (source) => source.has(file)))
        }),
      )
      return found.every((answers) => answers.includes(true))
    },
  }
}
