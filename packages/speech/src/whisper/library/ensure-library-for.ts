import { SpeechError } from '../../speech-error.ts'
import { modelNamed } from '../model/model-catalogue.ts'
import type { EnsureLibraryOptions } from './ensure-library.ts'
import { ensureWhisperLibrary } from './ensure-library.ts'
import { tryToLoad } from './loadable.ts'
import { resolveNativePackage } from './native-package.ts'
import { SHERPA_PACKAGE } from './sherpa.ts'
import type { WhisperLibrary } from './whisper-binding.ts'

export interface LibraryForOptions extends EnsureLibraryOptions {
  /** The library for Whisper's models that came with the app, which may start no process to try one. */
  readonly brought?: WhisperLibrary
}

/**
 * The library that a model of the catalogue is decoded with: whisper.cpp, built where it is missing,
 * or for Moonshine one that comes with an npm package.
 * @throws SpeechError `bad_config` for an unknown model, `engine_failed` where there is none to be had
 */
export async function ensureLibraryFor(
  modelName: string,
  options: LibraryForOptions,
): Promise<WhisperLibrary> {
  const { brought } = options
  if (modelNamed(modelName).family === 'whisper') return brought ?? ensureWhisperLibrary(options)
  if (!brought) await requireSherpa(modelName)
  return { kind: 'sherpa' }
}

async function requireSherpa(modelName: string): Promise<void> {
  const reason = await whySherpaDoesNotLoad()
  if (reason === undefined) return
  throw new SpeechError(
    'engine_failed',
    `The library for ${modelName} does not load here (${reason}): install without --no-optional, or choose a model of Whisper's.`,
  )
}

async function whySherpaDoesNotLoad(): Promise<string | undefined> {
  try {
    return await tryToLoad(resolveNativePackage(SHERPA_PACKAGE))
  } catch {
    return `${SHERPA_PACKAGE} is not installed`
  }
}
