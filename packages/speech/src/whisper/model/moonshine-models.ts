import type { ModelFile, WhisperModelInfo } from './model-catalogue.ts'

/** Files of a Moonshine model, in the folder that is named after it. */
export const MOONSHINE_FILES = {
  encoder: 'encoder.onnx',
  decoder: 'decoder.onnx',
  tokens: 'tokens.txt',
} as const

type Size = 'tiny' | 'base'
type Part = keyof typeof MOONSHINE_FILES
type Sum = readonly [sizeBytes: number, sha256: string]

const TOKENS: Sum = [532_090, 'c6e35883ba038f70ceea8b4a21cf79742adbda7e6730cbff27460857e0667a02']
const SUMS: Readonly<Record<Size, Readonly<Record<Part, Sum>>>> = {
  tiny: {
    encoder: [7_937_661, 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a'],
    decoder: [20_243_286, 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367'],
    tokens: TOKENS,
  },
  base: {
    encoder: [20_513_063, '1dd9ab0a7f987113d30affcba5a068d11c8f90fa0223caa3e491ade431ad9751'],
    decoder: [42_498_870, 'cc9f3cd6698a369c6008b41aa60aa3fb3322e7f03c9bdf19d8e6b7200afca4f3'],
    tokens: TOKENS,
  },
}
const SIZES: readonly Size[] = ['tiny', 'base']

function moonshine(size: Size): WhisperModelInfo {
  const name = `moonshine-${size}`
  const parts = Object.keys(MOONSHINE_FILES) as Part[]
  const files = parts.map((part): ModelFile => {
    const [sizeBytes, sha256] = SUMS[size][part]
    return { name: `${name}/${part}`, file: `${name}/${MOONSHINE_FILES[part]}`, sizeBytes, sha256 }
  })
  const sizeBytes = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0)
  return {
    name,
    family: 'moonshine',
    path: name,
    files,
    sizeBytes,
    languages: 'english',
    licence: 'MIT',
  }
}

/** Moonshine tiny and base in 8 bits. */
export const moonshineModels: readonly WhisperModelInfo[] = SIZES.map(moonshine)
