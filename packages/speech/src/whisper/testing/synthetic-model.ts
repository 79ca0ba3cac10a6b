import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

/** Multilingual vocabulary before large-v3, and from it on (with Cantonese). English: 51864. */
const VOCABULARY = { english: 51_864, multilingual: 51_865, 'with-cantonese': 51_866 } as const
const TEXT_TOKENS = { english: 50_256, multilingual: 50_257, 'with-cantonese': 50_257 } as const
const STATE = 64
const AUDIO_CTX = 1500
const TEXT_CTX = 448
const MELS = 80
const FFT_BINS = 201
const SAMPLE_RATE_HZ = 16_000
const F32 = 0
const F16 = 1

export interface SyntheticModelOptions {
  readonly path: string
  readonly languages: keyof typeof VOCABULARY
  /** Place of the language that it hears in everything, in Whisper's order: 0 is `en`, 2 is `de`. */
  readonly hears?: number
}

/**
 * Writes a Whisper model of one layer with weights made up from a seed (7 MB, loads in a tenth of a
 * second): it understands nothing, but whisper.cpp takes it for one with many languages. Its text
 * ends at once, and the language it hears is the one it is told to.
 */
export async function writeSyntheticModel(options: SyntheticModelOptions): Promise<void> {
  const { path, languages, hears = 0 } = options
  const out = createWriteStream(path)
  const vocabulary = VOCABULARY[languages]
  // As in whisper.h: magic, then what whisper_model_load() reads, in its order.
  out.write(int32(0x67_67_6d_6c))
  const shape = [vocabulary, AUDIO_CTX, STATE, 1, 1, TEXT_CTX, STATE, 1, 1, MELS, F16]
  out.write(int32(...shape))
  out.write(int32(MELS, FFT_BINS))
  out.write(bytesOf(melFilters()))
  out.write(words(TEXT_TOKENS[languages]))
  for (const tensor of tensors(vocabulary, TEXT_TOKENS[languages], hears)) out.write(tensor)
  out.end()
  await finished(out)
}

function int32(...values: readonly number[]): Buffer {
  return bytesOf(Int32Array.from(values))
}

function bytesOf(array: Int32Array | Float32Array | Uint16Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}

/** Every byte is a token, so that any prompt can be told in them. */
function words(count: number): Buffer {
  const fillers = Array.from({ length: count - 256 }, (_, i) => ` w${i}`)
  const bytes = 4 + 256 * 5 + fillers.reduce((sum, text) => sum + 4 + text.length, 0)
  const out = Buffer.alloc(bytes)
  let at = out.writeInt32LE(count)
  for (let byte = 0; byte < 256; byte++) at = out.writeUInt8(byte, out.writeInt32LE(1, at))
  for (const text of fillers) {
    at = out.writeInt32LE(text.length, at)
    at += out.write(text, at, 'latin1')
  }
  return out
}

/** Triangles, evenly spaced on the mel scale up to half the sample rate. */
function melFilters(): Float32Array {
  const toMel = (hz: number) => 2595 * Math.log10(1 + hz / 700)
  const spacing = toMel(SAMPLE_RATE_HZ / 2) / (MELS + 1)
  const filters = new Float32Array(MELS * FFT_BINS)
  for (let mel = 0; mel < MELS; mel++) {
    for (let bin = 0; bin < FFT_BINS; bin++) {
      const at = toMel((bin * SAMPLE_RATE_HZ) / 2 / (FFT_BINS - 1)) / spacing - mel
      filters[mel * FFT_BINS + bin] = Math.max(0, 1 - Math.abs(at - 1)) / 10
    }
  }
  return filters
}

function* tensors(vocabulary: number, endToken: number, hears: number): Generator<Buffer> {
  const random = randomNumbers()
  const filled = (count: number, size: number) => {
    return new Float32Array(count).map(() => size * random())
  }
  const half = (name: string, ...ne: readonly number[]) =>
    tensor(name, ne, filled(product(ne), 0.05), F16)
  const full = (name: string, ne: readonly number[], size = 0.05) =>
    tensor(name, ne, filled(product(ne), size), F32)
  const flat = (name: string, value: number, ...ne: readonly number[]) =>
    tensor(name, ne, new Float32Array(product(ne)).fill(value), F32)

  function* attention(name: string): Generator<Buffer> {
    yield flat(`${name}_ln.weight`, 1, STATE)
    yield flat(`${name}_ln.bias`, 0, STATE)
    for (const part of ['query', 'key', 'value', 'out']) {
      yield half(`${name}.${part}.weight`, STATE, STATE)
      if (part !== 'key') yield full(`${name}.${part}.bias`, [STATE])
    }
  }
  function* perceptron(name: string): Generator<Buffer> {
    yield flat(`${name}_ln.weight`, 1, STATE)
    yield flat(`${name}_ln.bias`, 0, STATE)
    yield half(`${name}.0.weight`, STATE, 4 * STATE)
    yield full(`${name}.0.bias`, [4 * STATE])
    yield half(`${name}.2.weight`, 4 * STATE, STATE)
    yield full(`${name}.2.bias`, [STATE])
  }

  yield full('encoder.positional_embedding', [STATE, AUDIO_CTX])
  yield half('encoder.conv1.weight', 3, MELS, STATE)
  yield full('encoder.conv1.bias', [1, STATE])
  yield half('encoder.conv2.weight', 3, STATE, STATE)
  yield full('encoder.conv2.bias', [1, STATE])
  yield flat('encoder.ln_post.weight', 1, STATE)
  yield flat('encoder.ln_post.bias', 0, STATE)
  yield* attention('encoder.blocks.0.attn')
  yield* perceptron('encoder.blocks.0.mlp')

  yield full('decoder.positional_embedding', [STATE, TEXT_CTX])
  // What is said next is the word whose embedding is most like the last layer's answer, and that is
  // little more than the bias below. So the end of the text comes first, and the language second.
  const embedding = filled(STATE * vocabulary, 0.02)
  const raise = (token: number, by: number) => {
    for (let i = 0; i < STATE; i++) embedding[token * STATE + i]! += by
  }
  raise(endToken, 0.3)
  raise(endToken + 2 + hears, 0.15)
  yield tensor('decoder.token_embedding.weight', [STATE, vocabulary], embedding, F16)
  yield flat('decoder.ln.weight', 0.1, STATE)
  yield flat('decoder.ln.bias', 1, STATE)
  yield* attention('decoder.blocks.0.attn')
  yield* attention('decoder.blocks.0.cross_attn')
  yield* perceptron('decoder.blocks.0.mlp')
}

function tensor(
  name: string,
  ne: readonly number[],
  values: Float32Array,
  type: typeof F32 | typeof F16,
): Buffer {
  const text = Buffer.from(name)
  const data = type === F32 ? values : toHalf(values)
  return Buffer.concat([int32(ne.length, text.length, type, ...ne), text, bytesOf(data)])
}

function product(ne: readonly number[]): number {
  return ne.reduce((all, some) => all * some, 1)
}

/** IEEE half precision, for values far from its limits; what is tiny becomes 0. */
function toHalf(values: Float32Array): Uint16Array {
  const singles = new Uint32Array(values.buffer)
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < halves.length; i++) {
    const single = singles[i] as number
    const exponent = ((single >>> 23) & 0xff) - 112
    const sign = (single >>> 16) & 0x8000
    halves[i] = exponent <= 0 ? sign : sign | (exponent << 10) | ((single >>> 13) & 0x3ff)
  }
  return halves
}

/** Between −1 and 1, the same every time. */
function randomNumbers(): () => number {
  let state = 12_345
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}
