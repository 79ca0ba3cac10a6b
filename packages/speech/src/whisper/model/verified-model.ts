import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ModelFile, WhisperModelInfo } from './model-catalogue.ts'
import { modelNamed } from './model-catalogue.ts'

/** Where a model lives once it is there: its file, or the folder of its files. */
export function modelPath(modelsDir: string, model: WhisperModelInfo): string {
  return join(modelsDir, model.path)
}

export function modelFilePath(modelsDir: string, { file }: ModelFile): string {
  return join(modelsDir, ...file.split('/'))
}

/**
 * Whether the model is there and is what the catalogue says. Hashing takes half a second, so its
 * outcome is kept beside the file until the file's size or time changes.
 * @throws SpeechError `bad_config` for a name that is not in the catalogue
 */
export async function isModelPresent(where: {
  readonly name: string
  readonly modelsDir: string
}): Promise<boolean> {
  for (const file of modelNamed(where.name).files) {
    const path = modelFilePath(where.modelsDir, file)
    if ((await checkModelFile(path, file)) !== 'verified') return false
  }
  return true
}

/** What is at `path`: nothing, the model, or something else that must not be loaded. */
export async function checkModelFile(
  path: string,
  model: Pick<ModelFile, 'sha256' | 'sizeBytes'>,
): Promise<'missing' | 'verified' | 'corrupt'> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return 'missing'
  if (!found.isFile() || (model.sizeBytes && found.size !== model.sizeBytes)) return 'corrupt'
  const note = JSON.stringify({ size: found.size, mtimeMs: found.mtimeMs, sha256: model.sha256 })
  if ((await readFile(notePath(path), 'utf8').catch(() => '')) === note) return 'verified'
  if ((await sha256OfFile(path)) !== model.sha256) return 'corrupt'
  // A folder that cannot be written only means that the next start hashes again.
  await writeFile(notePath(path), note).catch(() => {})
  return 'verified'
}

/** Lower-case hex; the file is streamed. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** To be called when the file is replaced. */
export async function forgetVerification(path: string): Promise<void> {
  await rm(notePath(path), { force: true })
}

function notePath(path: string): string {
  return `${path}.verified`
}
