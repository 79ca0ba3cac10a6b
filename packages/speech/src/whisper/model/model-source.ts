import { existsSync } from 'node:fs'
import { copyFile, rm, stat } from 'node:fs/promises'
import { download, DownloadError } from './download.ts'
import type { ModelFile } from './model-catalogue.ts'
import { checkModelFile, modelFilePath } from './verified-model.ts'

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
  /** Where it is on this machine already. @throws DownloadError where it is not what it should be */
  find?(model: ModelFile): Promise<string>
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
  /** Makes it, and tells how much of it there is. @throws DownloadError where `raw` is of no use */
  convert(raw: string, path: string, context: FetchContext): Promise<void>
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
      const raw = rawOf(model) ?? model
      if (source.find) return conversion.convert(await source.find(raw), path, context)
      const rawPath = rawPartOf(path)
      const onProgress = (received: number, total = raw.sizeBytes) =>
        context.onProgress(received, total)
      await source.fetch(raw, rawPath, { ...context, onProgress })
      try {
        await conversion.convert(rawPath, path, context)
      } finally {
        await rm(rawPath, { force: true })
      }
    },
  }
}

/** What a file is made of while it is fetched; a fetch that was cut goes on from it. */
export function rawPartOf(path: string): string {
  return `${path}.raw`
}

/** What is in a folder of models already. */
export function folderSource(modelsDir: string): ModelSource {
  const fileOf = (model: ModelFile) => modelFilePath(modelsDir, model)
  return localSource(modelsDir, {
    offers: (model) => existsSync(fileOf(model)),
    async find(model) {
      const state = await checkModelFile(fileOf(model), model)
      if (state === 'verified') return fileOf(model)
      throw new DownloadError(`its ${model.name} is ${state}`, false)
    },
  })
}

/** A copy on this machine, of the model named. */
export function fileSource(file: string, modelName: string): ModelSource {
  return localSource(file, {
    offers: (model) => model.name === modelName,
    async find(model) {
      const found = await stat(file).catch(() => undefined)
      if (!found) throw new DownloadError('it is not there', false)
      if (model.sizeBytes === undefined || found.size === model.sizeBytes) return file
      throw new DownloadError(`it is not ${model.name}`, false)
    },
  })
}

function localSource(
  label: string,
  files: Required<Pick<ModelSource, 'offers' | 'find'>>,
): ModelSource {
  return {
    ...files,
    label,
    has: async (model) =>
      files.offers(model) &&
      files.find(model).then(
        () => true,
        () => false,
      ),
    async fetch(model, path, { onProgress }) {
      await copyFile(await files.find(model), path)
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
