import { SpeechError } from '../../speech-error.ts'
import { moonshineModels } from './moonshine-models.ts'

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

/** A speech model as its makers publish it. */
export interface WhisperModelInfo {
  readonly name: string
  /** Who decodes: `whisper` is whisper.cpp, `moonshine` is for English and needs less of a processor. */
  readonly family: 'whisper' | 'moonshine'
  /** Of its one file, or of the folder that holds its files; in the folder of models. */
  readonly path: string
  readonly files: readonly ModelFile[]
  /** All of its files. Undefined where only the source can tell. */
  readonly sizeBytes: number | undefined
  readonly languages: 'english' | 'multilingual'
  readonly licence: string
}

function model(name: string, sha256: string, sizeBytes?: number): WhisperModelInfo {
  const languages = name.includes('.en') ? 'english' : 'multilingual'
  const path = `ggml-${name}.bin`
  const files = [{ name, file: path, sizeBytes, sha256 }]
  return { name, family: 'whisper', path, files, sizeBytes, languages, licence: 'MIT' }
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
  ...moonshineModels,
]

export const DEFAULT_MODEL = 'base.en'

/** @throws SpeechError `bad_config` naming the models there are */
export function modelNamed(name: string): WhisperModelInfo {
  const found = modelCatalogue.find((model) => model.name === name)
  if (found) return found
  const names = modelCatalogue.map((model) => model.name).join(', ')
  throw new SpeechError('bad_config', `There is no speech model "${name}": use one of ${names}.`)
}

/** Who speaks, for people: `whisper base.en`, `moonshine base`. */
export function backendName({ name, family }: WhisperModelInfo): string {
  return `${family} ${name.replace(`${family}-`, '')}`
}
