import { access, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SpeechError } from '../../speech-error.ts'
import { withFileLock } from '../file-lock.ts'
import { isLoadable } from './loadable.ts'
import { buildNativeLibrary, nativeLibraryName, NativeBuildError } from './native-build.ts'
import { hasPrebuiltBinding } from './prebuilt-binding.ts'
import type { WhisperLibrary } from './whisper-binding.ts'

export interface EnsureLibraryOptions {
  /** Where the built library is kept; made when missing. */
  readonly nativeDir: string
  /** Progress of a build, 0–100. Not called where the library is there already. */
  readonly onPercent?: (percent: number) => void
  /** One sentence for the user, such as what to install for full speed. */
  readonly onNotice?: (sentence: string) => void
  readonly signal?: AbortSignal
  /** Command that builds. Default `cmake`, found through PATH. */
  readonly cmake?: string
}

/**
 * Finds the speech library for this machine, or builds it (about a minute, once). Where that is
 * impossible it says why through `onNotice` and settles for the slower prebuilt one.
 * @throws SpeechError `engine_failed` where neither is to be had; the signal's reason when aborted
 */
export async function ensureWhisperLibrary(options: EnsureLibraryOptions): Promise<WhisperLibrary> {
  try {
    return { kind: 'native', path: await findOrBuild(options) }
  } catch (error) {
    options.signal?.throwIfAborted()
    const why = sentenceFor(error, options.nativeDir)
    if (!hasPrebuiltBinding()) throw new SpeechError('engine_failed', why, { cause: error })
    options.onNotice?.(`${why} Until then a slower library is used.`)
    return { kind: 'prebuilt' }
  }
}

async function findOrBuild(options: EnsureLibraryOptions): Promise<string> {
  const { nativeDir, signal, cmake, onPercent } = options
  const name = await nativeLibraryName()
  const path = join(nativeDir, name)
  if ((await exists(path)) && (await isLoadable(path)) === true) return path
  await mkdir(nativeDir, { recursive: true })
  await withFileLock(join(nativeDir, 'build'), { signal }, async () => {
    // The one who held the lock before may have built it.
    if ((await exists(path)) && (await isLoadable(path)) === true) return
    // Half a file, or one for another system's libraries, is no use to anybody.
    await rm(path, { force: true })
    onPercent?.(0)
    await buildNativeLibrary({ nativeDir, name, onPercent, signal, cmake })
    onPercent?.(100)
    const loaded = await isLoadable(path)
    if (loaded !== true) {
      throw new NativeBuildError(`The speech library was built but does not load: ${loaded}`)
    }
  })
  return path
}

function sentenceFor(error: unknown, nativeDir: string): string {
  if (error instanceof NativeBuildError) return error.message
  const code = (error as { code?: string }).code
  return `The speech library could not be built in ${nativeDir} (${code ?? 'unknown error'}): check its permissions and free space.`
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
