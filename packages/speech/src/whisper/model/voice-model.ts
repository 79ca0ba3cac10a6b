import type { ModelFile } from './model-catalogue.ts'
import type { ModelSource } from './model-source.ts'
import { urlSource } from './model-source.ts'
import { npmModelSource } from './npm-model-source.ts'
import { checkModelFile, modelFilePath } from './verified-model.ts'

/** Silero's voice activity model, version 6 (MIT). Every speech model is used with it. */
export const voiceModel: ModelFile = {
  name: 'silero-vad-v6',
  file: 'silero_vad_v6.onnx',
  sizeBytes: 2_327_524,
  sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
}

const RELEASE =
  'https://github.com/snakers4/silero-vad/raw/v6.2.1/src/silero_vad/data/silero_vad.onnx'

export function voiceModelSources(): ModelSource[] {
  return [
    urlSource("Silero's repository", { [voiceModel.name]: RELEASE }),
    npmModelSource({
      packageName: '@ricky0123/vad-web',
      version: '0.0.31',
      entries: { [voiceModel.name]: 'package/dist/silero_vad_v6.onnx' },
    }),
  ]
}

/** Where the voice model is; undefined where it is not, or is damaged. */
export async function findVoiceModel(modelsDir: string): Promise<string | undefined> {
  const path = modelFilePath(modelsDir, voiceModel)
  return (await checkModelFile(path, voiceModel)) === 'verified' ? path : undefined
}
