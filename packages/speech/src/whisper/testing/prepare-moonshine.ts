import { ensureLibraryFor } from '../library/ensure-library-for.ts'
import { ensureModel } from '../model/ensure-model.ts'
import { testFolders } from './prepare-whisper.ts'

/** What tests with a model of Moonshine's need, or why this machine does not have it. */
export type PreparedMoonshine =
  | {
      readonly missing?: never
      readonly model: string
      readonly modelsDir: string
      readonly nativeDir: string
      readonly modelPath: string
    }
  | { readonly missing: string }

/** The model in the user's data folder, fetched where it is not there yet. */
export async function prepareMoonshine(model = 'moonshine-base'): Promise<PreparedMoonshine> {
  const { modelsDir, nativeDir } = testFolders()
  try {
    await ensureLibraryFor(model, { nativeDir })
    const { path: modelPath } = await ensureModel({ name: model, modelsDir })
    return { model, modelsDir, nativeDir, modelPath }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}
