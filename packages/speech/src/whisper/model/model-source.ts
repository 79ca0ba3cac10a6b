import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { download } from './download.ts'
import type { ModelFile } from './model-catalogue.ts'

export interface FetchContext {
  readonly onProgress: (receivedBytes: number, totalBytes: number | undefined) => void
  readonly signal?: AbortSignal | undefined
}

/** Somewhere a model's file can come from. What it brings is verified by the caller. */
export interface ModelSource {
  /** For people: `the model hub`. */
  readonly label: string
  offers(model: ModelFile): boolean
  /** Writes the model to `path`; what is there already may be an earlier attempt's beginning. */
  fetch(model: ModelFile, path: string, context: FetchContext): Promise<void>
  /** Called when all files of a model are in `folder`: what was kept there for the next one goes. */
  tidy?(folder: string): Promise<void>
}

const HUB = 'https://huggingface.co/ggerganov/whisper.cpp/resolve/main'

/** whisper.cpp's own collection, or a mirror that holds the same files. */
export function hubSource(baseUrl: string = HUB): ModelSource {
  return {
    label: baseUrl === HUB ? 'the model hub' : new URL(baseUrl).host,
    offers: (model) => model.file.startsWith('ggml-'),
    fetch: (model, path, context) =>
      download({ url: `${baseUrl.replace(/\/$/, '')}/${model.file}`, path, ...context }),
  }
}

/** Files that have an address of their own, by name. */
export function urlSource(label: string, urls: Readonly<Record<string, string>>): ModelSource {
  return {
    label,
    offers: (model) => urls[model.name] !== undefined,
    fetch: (model, path, context) => download({ url: urls[model.name] ?? '', path, ...context }),
  }
}

/** Files that are made of what the source has. */
export function convertedSource(
  source: ModelSource,
  convert: (content: string) => string,
): ModelSource {
  return {
    ...source,
    async fetch(model, path, context) {
      const raw = `${path}.raw`
      await source.fetch(model, raw, context)
      const content = await readFile(raw, 'utf8')
      await rm(raw)
      await writeFile(path, convert(content))
    },
  }
}

/** A copy on this machine, of the model named. */
export function fileSource(file: string, modelName: string): ModelSource {
  return {
    label: file,
    offers: (model) => model.name === modelName,
    async fetch(model, path, { onProgress }) {
      await copyFile(file, path)
      onProgress(model.sizeBytes ?? 0, model.sizeBytes)
    },
  }
}
