import { SpeechError } from '../../speech-error.ts'

/** One file that is fetched and verified as a whole. */
export interface ModelFile {
  /** What sources know it by: the model's name, or `model/part` where it has several files. */
  readonly name: string
  /** Path in the folder of models, with `/`. */
  readonly file: string
  /** Undefined where only the source can tell. */
  readonly sizeBytes: number | undefined
  /** Lower-case hex. No file is used that does not have it. */
  readonly sha256: string
}

/** A speech model as its makers publish it: for Whisper one file in ggml format. */
export interface WhisperModelInfo extends ModelFile {
  readonly languages: 'english' | 'multilingual'
  readonly licence: string
}

function model(name: string, sha256: string, sizeBytes?: number): WhisperModelInfo {
  const languages = name.includes('.en') ? 'english' : 'multilingual'
  return { name, file: `ggml-${name}.bin`, sizeBytes, sha256, languages, licence: 'MIT' }
}

/** The models that Saywire knows, smallest first within each kind; `base.en` is the default. */
export const modelCatalogue: readonly WhisperModelInfo[] = [
  model('tiny.en', '921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f'),
  model('base.en-q5_1', '4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f'),
  model('base.en', 'a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002', 147_964_211),
  model('tiny', 'be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21'),
  model('base-q5_1', '422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898'),
  model('base-q8_0', 'c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9'),
  model('base', '60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe'),
]

export const DEFAULT_MODEL = 'base.en'

/** @throws SpeechError `bad_config` naming the models there are */
export function modelNamed(name: string): WhisperModelInfo {
  const found = modelCatalogue.find((model) => model.name === name)
  if (found) return found
  const names = modelCatalogue.map((model) => model.name).join(', ')
  throw new SpeechError('bad_config', `There is no Whisper model "${name}": use one of ${names}.`)
}
