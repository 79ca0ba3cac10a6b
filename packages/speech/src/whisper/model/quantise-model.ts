import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { DownloadError } from './download.ts'
import { modelCatalogue } from './model-catalogue.ts'
import type { Conversion, FetchContext } from './model-source.ts'

/** Of whisper.cpp's model files, and of no other: `ggml`, little-endian as all numbers in them. */
const MAGIC = 0x67676d6c
/** Of them the last says how most weights are kept. */
const HEADER_INTS = 11
/** Version 2 of the layout, mostly q8_0. */
const Q8_0_FILE = 2 * 1000 + 7
const F32 = 0
const F16 = 1
const Q8_0 = 8
const BYTES_OF: Readonly<Record<number, number>> = { [F32]: 4, [F16]: 2 }
/** So many weights share a scale. */
const BLOCK = 32
const BLOCK_BYTES = 2 + BLOCK
/** Tables that are no weights of a product. */
const KEPT = new Set([
  'encoder.conv1.bias',
  'encoder.conv2.bias',
  'encoder.positional_embedding',
  'decoder.positional_embedding',
])
/** Weights at a time; between them others have their turn. */
const PIECE = 1 << 19
const READ_BYTES = 1 << 20
/** The longest thing that is read in one piece is PIECE weights. */
const TAKE_MAX_BYTES = 4 * PIECE

/**
 * Makes of a model of f16 weights one of 8 bits each (`q8_0`), byte for byte what whisper.cpp's own `quantize`
 * makes: its file format and rounding are those of `examples/quantize` and `quantize_row_q8_0_ref`. Some three
 * seconds for `base`.
 * @throws DownloadError where `from` is no such model; the signal's reason
 */
export async function quantiseModel(
  from: string,
  to: string,
  context: FetchContext,
): Promise<void> {
  try {
    await quantise(from, to, context)
  } catch (error) {
    // Sizes and numbers that no model has.
    if (error instanceof RangeError) throw new DownloadError('what it sent is no model', false)
    throw error
  }
}

async function quantise(
  from: string,
  to: string,
  { signal, onProgress }: FetchContext,
): Promise<void> {
  await using input = await open(from, 'r')
  await using output = await open(to, 'w')
  const reader = new SequentialReader(input)
  let written = 0
  const write = async (bytes: Uint8Array) => {
    signal?.throwIfAborted()
    await output.writeFile(bytes)
    written += bytes.byteLength
    onProgress(written, undefined)
  }
  const header = await reader.take(4 + 4 * HEADER_INTS)
  if (header.readUInt32LE(0) !== MAGIC)
    throw new DownloadError('what it sent is no model of whisper.cpp', false)
  header.writeInt32LE(Q8_0_FILE, header.length - 4)
  await write(header)
  await copyFilters(reader, write)
  await copyVocabulary(reader, write)
  while (!(await reader.isAtEnd())) await copyTensor(reader, write)
}

const SUFFIX = '-q8_0'

/** Of `base.en-q8_0` it is `base.en`; another's is its own. */
export function plainName(name: string): string {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name
}

/** Of a Whisper model's plain weights those of 8 bits. */
export const toQuantised: Conversion = {
  of({ name }) {
    const plain = plainName(name)
    return plain === name
      ? undefined
      : modelCatalogue.find((model) => model.name === plain)?.files[0]
  },
  convert: quantiseModel,
}

type Write = (bytes: Uint8Array) => Promise<void>

async function copyFilters(reader: SequentialReader, write: Write): Promise<void> {
  const size = await reader.take(8)
  await write(size)
  await write(await reader.take(size.readInt32LE(0) * size.readInt32LE(4) * 4))
}

async function copyVocabulary(reader: SequentialReader, write: Write): Promise<void> {
  const count = await reader.take(4)
  const parts = [count]
  for (let left = count.readInt32LE(0); left > 0; left--) {
    const length = await reader.take(4)
    parts.push(length, await reader.take(length.readUInt32LE(0)))
  }
  await write(Buffer.concat(parts))
}

async function copyTensor(reader: SequentialReader, write: Write): Promise<void> {
  const head = await reader.take(12)
  const dimensions = head.readInt32LE(0)
  const type = head.readInt32LE(8)
  const sizes = await reader.take(4 * dimensions)
  const name = await reader.take(head.readInt32LE(4))
  let left = 1
  for (let at = 0; at < dimensions; at++) left *= sizes.readInt32LE(4 * at)
  const bytesOf = BYTES_OF[type]
  if (bytesOf === undefined)
    throw new DownloadError('the weights that it sent are not of 16 bits', false)
  const isQuantised = dimensions === 2 && type === F16 && !KEPT.has(name.toString())
  if (isQuantised) head.writeInt32LE(Q8_0, 8)
  await write(Buffer.concat([head, sizes, name]))
  for (; left > 0; left -= Math.min(left, PIECE)) {
    const piece = await reader.take(Math.min(left, PIECE) * bytesOf)
    await write(isQuantised ? toBlocks(piece) : piece)
  }
}

/** Each block is its scale, as f16, and how often each weight has it. */
function toBlocks(halves: Buffer): Buffer {
  const floats = halfFloats()
  const blocks = Buffer.allocUnsafe((halves.length / 2 / BLOCK) * BLOCK_BYTES)
  const weights = new Float32Array(BLOCK)
  let to = 0
  for (let from = 0; from < halves.length; from += 2 * BLOCK) {
    let most = 0
    for (let at = 0; at < BLOCK; at++) {
      const weight = floats[halves.readUInt16LE(from + 2 * at)]!
      weights[at] = weight
      most = Math.max(most, Math.abs(weight))
    }
    // In single precision at each step, as in the original.
    const scale = Math.fround(most / 127)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    blocks.writeUInt16LE(toHalf(scale), to)
    for (let at = 0; at < BLOCK; at++) {
      const times = Math.fround(weights[at]! * inverse)
      blocks.writeInt8(Math.sign(times) * Math.floor(Math.abs(times) + 0.5), to + 2 + at)
    }
    to += BLOCK_BYTES
  }
  return blocks
}

let table: Float32Array | undefined

/** By their bits (IEEE 754 binary16). */
function halfFloats(): Float32Array {
  table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
    return bits & 0x8000 ? -size : size
  })
  return table
}

/** Bits of the nearest half, of two the even one. @param value 0 to 65504 */
function toHalf(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(value)))
  const units = value / 2 ** (exponent - 10)
  let whole = Math.floor(units)
  const over = units - whole
  if (over > 0.5 || (over === 0.5 && whole % 2 === 1)) whole += 1
  // A fraction that is full goes over into the exponent by itself.
  return (exponent + 14) * 1024 + whole
}

/** A file from its beginning to its end. */
class SequentialReader {
  readonly #file: FileHandle
  #buffer: Buffer = Buffer.alloc(0)

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** @throws DownloadError where the file ends before; RangeError */
  async take(bytes: number): Promise<Buffer> {
    if (bytes < 0 || bytes > TAKE_MAX_BYTES) throw new RangeError('no model has that')
    if (this.#buffer.length < bytes && !(await this.#fill(bytes))) {
      throw new DownloadError('the model that it sent ends too early', false)
    }
    const taken = this.#buffer.subarray(0, bytes)
    this.#buffer = this.#buffer.subarray(bytes)
    return taken
  }

  async isAtEnd(): Promise<boolean> {
    return !(await this.#fill(1))
  }

  async #fill(bytes: number): Promise<boolean> {
    while (this.#buffer.length < bytes) {
      const room = Buffer.allocUnsafe(Math.max(READ_BYTES, bytes - this.#buffer.length))
      const { bytesRead } = await this.#file.read(room, 0, room.length)
      if (bytesRead === 0) return false
      this.#buffer = Buffer.concat([this.#buffer, room.subarray(0, bytesRead)])
    }
    return true
  }
}
