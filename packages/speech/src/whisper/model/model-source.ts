import { copyFile } from 'node:fs/promises'
import { download } from './download.ts'
import type { WhisperModelInfo } from './model-catalogue.ts'

export interface FetchContext {
  readonly onProgress: (receivedBytes: number, totalBytes: number | undefined) => void
  readonly signal?: AbortSignal | undefined
}

/** Somewhere a model can come from. What it brings is verified by the caller. */
export interface ModelSource {
  /** For people: `the model hub`. */
  readonly label: string
  offers(model: WhisperModelInfo): boolean
  /** Writes the model to `path`; what is there already may be an earlier attempt's beginning. */
  fetch(model: WhisperModelInfo, path: string, context: FetchContext): Promise<void>
}

const HUB = 'https://huggingface.co/ggerganov/whisper.cpp/resolve/main'

/** whisper.cpp's own collection, or a mirror that holds the same files. */
export function hubSource(baseUrl: string = HUB): ModelSource {
  return {
    label: baseUrl === HUB ? 'the model hub' : new URL(baseUrl).host,
    offers: () => true,
    fetch: (model, path, context) =>
      download({ url: `${baseUrl.replace(/\/$/, '')}/${model.file}`, path, ...context }),
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
