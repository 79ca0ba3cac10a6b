import { readFile, writeFile } from 'node:fs/promises'
import type { Conversion, ModelSource } from './model-source.ts'
import { convertedSource, urlSource } from './model-source.ts'
import { moonshineTokens } from './moonshine-tokens.ts'
import { npmModelSource } from './npm-model-source.ts'

const SIZES = ['tiny', 'base'] as const
const WEIGHTS_PACKAGE = { packageName: '@usefulsensors/moonshine-js', version: '0.1.17' }
/** The tokenizer that the package of weights uses; MIT. */
const TOKENS_PACKAGE = { packageName: 'llama-tokenizer-js', version: '1.2.2' }

const toTokens: Conversion = {
  of: (model) => model,
  async convert(raw, path) {
    await writeFile(path, moonshineTokens(await readFile(raw, 'utf8')))
  },
}

/** Each file by itself where its package is on the web, else the package. */
export function moonshineSources(): ModelSource[] {
  const weights = SIZES.flatMap((size) => {
    const folder = `dist/model/${size}/quantized`
    return [
      [`moonshine-${size}/encoder`, `${folder}/encoder_model.onnx`],
      [`moonshine-${size}/decoder`, `${folder}/decoder_model_merged.onnx`],
    ] as const
  })
  const tokens = SIZES.map((size) => [`moonshine-${size}/tokens`, 'llama-tokenizer.js'] as const)
  return [
    webSource(WEIGHTS_PACKAGE, weights),
    convertedSource(webSource(TOKENS_PACKAGE, tokens), toTokens),
    packageSource(WEIGHTS_PACKAGE, weights),
    convertedSource(packageSource(TOKENS_PACKAGE, tokens), toTokens),
  ]
}

interface Package {
  readonly packageName: string
  readonly version: string
}
type Files = readonly (readonly [name: string, path: string])[]

function webSource({ packageName, version }: Package, files: Files): ModelSource {
  const base = `https://cdn.jsdelivr.net/npm/${packageName}@${version}`
  return urlSource(
    'jsDelivr',
    Object.fromEntries(files.map(([name, at]) => [name, `${base}/${at}`])),
  )
}

function packageSource(from: Package, files: Files): ModelSource {
  const entries = Object.fromEntries(files.map(([name, at]) => [name, `package/${at}`]))
  return npmModelSource({ ...from, entries })
}
