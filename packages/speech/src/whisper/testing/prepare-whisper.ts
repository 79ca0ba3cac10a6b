import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { defaultDataDir } from '../../data-dir.ts'
import { ensureWhisperLibrary } from '../library/ensure-library.ts'
import type { WhisperLibrary } from '../library/whisper-binding.ts'
import { ensureModel } from '../model/ensure-model.ts'
import { DEFAULT_MODEL } from '../model/model-catalogue.ts'

/** What tests with the real model need, or why this machine does not have it. */
export type PreparedWhisper =
  | {
      readonly missing?: never
      readonly modelsDir: string
      readonly nativeDir: string
      readonly modelPath: string
      readonly library: WhisperLibrary
    }
  | { readonly missing: string; readonly modelPath?: never }

export function testFolders(): { readonly modelsDir: string; readonly nativeDir: string } {
  const dataDir =
    process.env['SAYWIRE_DATA_DIR'] ?? defaultDataDir(process.platform, homedir(), process.env)
  const modelsDir = process.env['SAYWIRE_MODELS_DIR'] ?? join(dataDir, 'models')
  return { modelsDir, nativeDir: join(dataDir, 'native') }
}

/**
 * The model and the library in the user's data folder, fetched and built where they are not there
 * yet: minutes the first time, nothing after that.
 */
export async function prepareWhisper(): Promise<PreparedWhisper> {
  const { modelsDir, nativeDir } = testFolders()
  try {
    const library = await prepareLibrary()
    const { path: modelPath } = await ensureModel({ name: DEFAULT_MODEL, modelsDir })
    return { modelsDir, nativeDir, modelPath, library }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}

/** The library alone. */
export async function prepareLibrary(): Promise<WhisperLibrary> {
  return ensureWhisperLibrary({ nativeDir: testFolders().nativeDir })
}

const WAV_HEADER_BYTES = 44

/** 11 s of real speech: PCM s16le, 16 kHz, mono, cut to whole milliseconds. */
export function jfkSpeech(): Uint8Array {
  const wav = readFileSync(new URL('../../../assets/jfk.wav', import.meta.url))
  const wholeMs = Math.floor((wav.byteLength - WAV_HEADER_BYTES) / 32) * 32
  return new Uint8Array(wav.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + wholeMs))
}

export const JFK_TEXT =
  'And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.'
