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

/** The models that Saywire knows, smallest first within each kind. */
export const modelCatalogue: readonly WhisperModelInfo[] = [
  model(
    'tiny.en-q5_1',
    'c77c5766f1cef09b6b7d47f21b546cbddd4157886b3b5d6d4f709e91e66c7c2b',
    32_166_155,
  ),
  model(
    'tiny.en-q8_0',
    '5bc2b3860aa151a4c6e7bb095e1fcce7cf12c7b020ca08dcec0c6d018bb7dd94',
    43_550_795,
  ),
  model('tiny.en', '921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f', 77_704_715),
  model(
    'base.en-q5_1',
    '4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f',
    59_721_011,
  ),
  model(
    'base.en-q8_0',
    'a4d4a0768075e13cfd7e19df3ae2dbc4a68d37d36a7dad45e8410c9a34f8c87e',
    81_781_811,
  ),
  model('base.en', 'a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002', 147_964_211),
  model(
    'small.en-q5_1',
    'bfdff4894dcb76bbf647d56263ea2a96645423f1669176f4844a1bf8e478ad30',
    190_098_681,
  ),
  model(
    'small.en-q8_0',
    '67a179f608ea6114bd3fdb9060e762b588a3fb3bd00c4387971be4d177958067',
    264_477_561,
  ),
  model(
    'small.en',
    'c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d',
    487_614_201,
  ),
  model(
    'medium.en-q5_0',
    '76733e26ad8fe1c7a5bf7531a9d41917b2adc0f20f2e4f5531688a8c6cd88eb0',
    539_225_533,
  ),
  model(
    'medium.en-q8_0',
    '43fa2cd084de5a04399a896a9a7a786064e221365c01700cea4666005218f11c',
    823_382_461,
  ),
  model(
    'tiny-q5_1',
    '818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7',
    32_152_673,
  ),
  model(
    'tiny-q8_0',
    'c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca',
    43_537_433,
  ),
  model('tiny', 'be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21', 77_691_713),
  model(
    'base-q5_1',
    '422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898',
    59_707_625,
  ),
  model(
    'base-q8_0',
    'c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9',
    81_768_585,
  ),
  model('base', '60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe', 147_951_465),
  model(
    'small-q5_1',
    'ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb',
    190_085_487,
  ),
  model(
    'small-q8_0',
    '49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f',
    264_464_607,
  ),
  model('small', '1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b', 487_601_967),
  model(
    'medium-q5_0',
    '19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f',
    539_212_467,
  ),
  model(
    'medium-q8_0',
    '42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502',
    823_369_779,
  ),
  model(
    'large-v3-turbo-q5_0',
    '394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2',
    574_041_195,
  ),
  model(
    'large-v3-turbo-q8_0',
    '317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1',
    874_188_075,
  ),
  model(
    'large-v3-turbo',
    '1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69',
    1_624_555_275,
  ),
  ...moonshineModels,
]

/** As good as `base.en`, at half the download and two thirds of the work. */
export const DEFAULT_MODEL = 'base.en-q8_0'

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
