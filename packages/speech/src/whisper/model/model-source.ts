import { constants, existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { download } from './download.ts'
import type { ModelFile } from './model-catalogue.ts'
import { modelFilePath } from './verified-model.ts'

export interface FetchContext {
  readonly onProgress: (receivedBytes: number, totalBytes: number | undefined) => void
  readonly signal?: AbortSignal | undefined
}

/** Somewhere a model's file can come from. What it brings is verified by the caller. */
export interface ModelSource {
  /** For people: `the model hub`. */
  readonly label: string
  offers(model: ModelFile): boolean
  /** Whether it can be reached, and has what it offers. Takes three seconds at most. */
  has(model: ModelFile): Promise<boolean>
  /** Writes the model to `path`; what is there already may be an earlier attempt's beginning. */
  fetch(model: ModelFile, path: string, context: FetchContext): Promise<void>
  /** Called when all files of a model are in `folder`: what was kept there for the next one goes. */
  tidy?(folder: string): Promise<void>
}

const HAS_TIMEOUT_MS = 3000
const HUB = 'https://huggingface.co/ggerganov/whisper.cpp/resolve/main'

/** whisper.cpp's own collection, or a mirror that holds the same files. */
export function hubSource(baseUrl: string = HUB): ModelSource {
  const urlOf = (model: ModelFile) => `${baseUrl.replace(/\/$/, '')}/${model.file}`
  return {
    label: baseUrl === HUB ? 'the model hub' : new URL(baseUrl).host,
    offers: (model) => model.file.startsWith('ggml-'),
    has: async (model) => answers(urlOf(model)),
    fetch: (model, path, context) => download({ url: urlOf(model), path, ...context }),
  }
}

/** Files that have an address of their own, by name. */
export function urlSource(label: string, urls: Readonly<Record<string, string>>): ModelSource {
  return {
    label,
    offers: (model) => urls[model.name] !== undefined,
    async has({ name }) {
      const url = urls[name]
      return url !== undefined && answers(url)
    },
    fetch: (model, path, context) => download({ url: urls[model.name] ?? '', path, ...context }),
  }
}

export interface Conversion {
  /** What a file is made of; undefined where it is not made. */
  of(model: ModelFile): ModelFile | undefined
  /** Makes it. `raw` is removed afterwards. */
  convert(raw: string, path: string, signal: AbortSignal | undefined): Promise<void>
}

/** Files that are made of what the source has. */
export function convertedSource(source: ModelSource, conversion: Conversion): ModelSource {
  const rawOf = (model: ModelFile) => {
    const raw = conversion.of(model)
    return raw && source.offers(raw) ? raw : undefined
  }
  return {
    ...source,
    offers: (model) => rawOf(model) !== undefined,
    async has(model) {
      const raw = rawOf(model)
      return raw !== undefined && source.has(raw)
    },
    async fetch(model, path, context) {
      const rawPath = `${path}.raw`
      await source.fetch(rawOf(model) ?? model, rawPath, context)
      await conversion.convert(rawPath, path, context.signal)
      await rm(rawPath)
    },
  }
}

/** What is in a folder of models already. It is not looked at closely: what is wrong there is wrong here. */
export function folderSource(modelsDir: string): ModelSource {
  const isThere = (model: ModelFile) => existsSync(modelFilePath(modelsDir, model))
  return {
    label: modelsDir,
    offers: isThere,
    has: async (model) => isThere(model),
    fetch: async (model, path) =>
      copyFile(modelFilePath(modelsDir, model), path, constants.COPYFILE_FICLONE),
  }
}

/** A copy on this machine, of the model named. */
export function fileSource(file: string, modelName: string): ModelSource {
  return {
    label: file,
    offers: (model) => model.name === modelName,
    has: async (model) => model.name === modelName && existsSync(file),
    async fetch(model, path, { onProgress }) {
      await copyFile(file, path)
      onProgress(model.sizeBytes ?? 0, model.sizeBytes)
    },
  }
}

/** Whether there is a file at an address; nothing of it is fetched. */
export async function answers(url: string): Promise<boolean> {
  const options = { method: 'HEAD', signal: AbortSignal.timeout(HAS_TIMEOUT_MS) }
  return fetch(url, options).then(
    (response) => response.ok,
    () => false,
  )
}
