import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SpeechError } from '../../speech-error.ts'
import { withFileLock } from '../../file-lock.ts'
import { identityOf, isLoadable } from './loadable.ts'
import { buildNativeLibrary, nativeLibraryName, NativeBuildError } from './native-build.ts'
import { hasPrebuiltBinding } from './prebuilt-binding.ts'
import type { WhisperLibrary } from './whisper-binding.ts'

export interface EnsureLibraryOptions {
  /** Where the built library is kept; made when missing. */
  readonly nativeDir: string
  /** To be shipped to other machines: not made for exactly this CPU. Default false. */
  readonly portable?: boolean
  /** Progress of a build, 0–100. Not called where the library is there already. */
  readonly onPercent?: (percent: number) => void
  /** One sentence for the user, such as what to install for full speed. */
  readonly onNotice?: (sentence: string) => void
  readonly signal?: AbortSignal
  /** Command that builds. Default `cmake`, found through PATH. */
  readonly cmake?: string
  /** Command that compiles shaders. Default `glslc`, found through PATH; without it no Vulkan. */
  readonly glslc?: string
}

/** What to do where the slower library must do. */
export const QUICKER = 'For English, the model moonshine-base is quicker here.'

/**
 * Finds the speech library for this machine, or builds it (about a minute, once; ten where Vulkan's SDK
 * is installed); one that does not
 * load is built again, once. Where that is impossible it says why through `onNotice` and settles for the slower prebuilt one.
 * @throws SpeechError `engine_failed` where neither is to be had; the signal's reason when aborted
 */
export async function ensureWhisperLibrary(options: EnsureLibraryOptions): Promise<WhisperLibrary> {
  try {
    return { kind: 'native', path: await findOrBuild(options) }
  } catch (error) {
    options.signal?.throwIfAborted()
    const why = sentenceFor(error, options.nativeDir)
    if (!(await hasPrebuiltBinding())) throw new SpeechError('engine_failed', why, { cause: error })
    options.onNotice?.(`${why} Until then a slower library is used. ${QUICKER}`)
    return { kind: 'prebuilt' }
  }
}

async function findOrBuild(options: EnsureLibraryOptions): Promise<string> {
  const { nativeDir, portable, signal, cmake, glslc, onPercent } = options
  const name = await nativeLibraryName(portable, glslc)
  const path = join(nativeDir, name)
  if ((await stateOf(path)) === 'usable') return path
  await mkdir(nativeDir, { recursive: true })
  await withFileLock(join(nativeDir, 'build'), { signal }, async () => {
    // The one who held the lock before may have built it.
    const state = await stateOf(path)
    if (state === 'usable') return
    if (state !== 'absent' && (await wasBuiltInVain(path))) throw doesNotLoad(path, state.reason)
    onPercent?.(0)
    try {
      await buildNativeLibrary({ nativeDir, name, portable, onPercent, signal, cmake, glslc })
    } catch (error) {
      if (state === 'absent' || !(error instanceof NativeBuildError)) throw error
      throw new NativeBuildError(`${path} does not load (${state.reason}). ${error.message}`)
    }
    onPercent?.(100)
    const built = await stateOf(path)
    if (built === 'usable') return
    await writeFile(vainNote(path), await identityOf(path))
    throw doesNotLoad(path, built === 'absent' ? 'it is gone' : built.reason)
  })
  return path
}

/** A file that does not load stays where it is until a build replaces it: it may be sound. */
async function stateOf(path: string): Promise<'usable' | 'absent' | { readonly reason: string }> {
  if (!(await exists(path))) return 'absent'
  const loads = await isLoadable(path)
  return loads === true ? 'usable' : { reason: loads }
}

/** Whether this very file is what the compiler here makes; another minute would not change it. */
async function wasBuiltInVain(path: string): Promise<boolean> {
  const note = await readFile(vainNote(path), 'utf8').catch(() => undefined)
  return note === (await identityOf(path))
}

function vainNote(path: string): string {
  return `${path}.built-in-vain`
}

function doesNotLoad(path: string, reason: string): NativeBuildError {
  return new NativeBuildError(
    `The speech library was built but does not load (${reason}): install what is missing, or remove ${path} to have it built again.`,
  )
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
