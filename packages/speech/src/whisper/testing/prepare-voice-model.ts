import { ensureModelFile } from '../model/ensure-model.ts'
import { voiceModel } from '../model/voice-model.ts'
import { testFolders } from './prepare-whisper.ts'

/** The voice model in the user's data folder, fetched where it is not there, or why it is not. */
export async function prepareVoiceModel(): Promise<
  | { readonly missing?: never; readonly path: string }
  | { readonly missing: string; readonly path?: never }
> {
  try {
    const { modelsDir } = testFolders()
    return await ensureModelFile(voiceModel, { modelsDir })
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}
