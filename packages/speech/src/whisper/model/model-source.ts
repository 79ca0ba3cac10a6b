import { existsSync } from 'node:fs'
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
  /** Whether it can be reached, and has the model. Takes three seconds at most. */
  has(model: WhisperModelInfo): Promise<boolean>
  /** Writes the model to `path`; what is there already may be an earlier attempt's beginning. */
  fetch(model: WhisperModelInfo, path: string, context: FetchContext): Promise<void>
}

const HAS_TIMEOUT_MS = 3000
const HUB = 'https://huggingface.co/ggerganov/whisper.cpp/resolve/main'

/** whisper.cpp's own collection, or a mirror that holds the same files. */
export function hubSource(baseUrl: string = HUB): ModelSource {
  const urlOf = (model: WhisperModelInfo) => `${baseUrl.replace(/\/$/, '')}/${model.file}`
  return {
    label: baseUrl === HUB ? 'the model hub' : new URL(baseUrl).host,
    offers: () => true,
    has: async (model) => answers(urlOf(model)),
    fetch: (model, path, context) => download({ url: urlOf(model), path, ...context }),
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
