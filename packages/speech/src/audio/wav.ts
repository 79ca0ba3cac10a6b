import type { SampleEncoding, SampleFormat } from './sample-format.ts'
import { BYTES_PER_ENCODED_SAMPLE } from './sample-format.ts'

/** The bytes are not audio that Saywire reads. The message says what they are instead. */
export class AudioFormatError extends Error {
  override readonly name = 'AudioFormatError'
}

export interface WavStream {
  readonly format: SampleFormat
  /** Length by the header, in bytes; undefined where a streaming writer left it open. */
  readonly dataBytes: number | undefined
  /** The samples as they are written; ends where the data chunk or the input does. */
  readonly data: AsyncIterable<Uint8Array>
}

/** As much of a chunk before the audio as is ever looked at; the rest of it is read and dropped. */
const CHUNK_HEAD_BYTES = 64
/** What programs write after the audio, by their registered ids. */
const TRAILING_CHUNKS = new Set(['LIST', 'id3 ', 'ID3 ', 'bext', 'smpl', 'cue ', 'fact', 'JUNK'])
const MAX_TRAILING_CHUNK_BYTES = 64 * 1024 * 1024
const MIN_RATE_HZ = 1000
const MAX_RATE_HZ = 384_000
const MAX_CHANNELS = 64

/** Codes of the `fmt ` chunk (Microsoft, "Multiple Channel Audio Data and WAVE Files"). */
const FORMAT_PCM = 1
const FORMAT_FLOAT = 3
const FORMAT_ALAW = 6
const FORMAT_MULAW = 7
const FORMAT_EXTENSIBLE = 0xfffe

/**
 * Reads the header of a WAV file (RIFF or RF64) from a stream and hands over its samples without
 * ever holding more than one piece of it. Tolerates chunks of any length that it does not know, a
 * missing pad byte at the end, and data lengths of 0 or 0xFFFFFFFF, which programs write that do
 * not know the length yet; a length of 0 with another chunk right behind it means what it says.
 * @throws AudioFormatError
 */
export async function readWav(bytes: AsyncIterable<Uint8Array>): Promise<WavStream> {
  const reader = createByteReader(bytes)
  try {
    return await readHeader(reader)
  } catch (error) {
    await reader.close()
    throw error
  }
}

async function readHeader(reader: ByteReader): Promise<WavStream> {
  const magic = ascii(await reader.take(4))
  if (magic !== 'RIFF' && magic !== 'RF64') throw new AudioFormatError('not a WAV file')
  await reader.take(4)
  if (ascii(await reader.take(4)) !== 'WAVE') throw new AudioFormatError('not a WAV file')
  let format: SampleFormat | undefined
  let longDataBytes: number | undefined
  while ((await reader.peek(1)).byteLength > 0) {
    const { id, size } = parseChunkHead(await reader.take(8))
    if (id === 'data') {
      if (!format) throw new AudioFormatError('a WAV file without a description of its format')
      const dataBytes = await knownDataBytes(reader, size, longDataBytes)
      return { format, dataBytes, data: reader.rest(dataBytes ?? Number.POSITIVE_INFINITY) }
    }
    const body = await reader.take(Math.min(size, CHUNK_HEAD_BYTES))
    await reader.skip(size + (size % 2) - body.byteLength)
    if (id === 'fmt ') format = parseFormat(body)
    // RF64 (EBU Tech 3306): lengths that 32 bits cannot hold; that of the audio is the second.
    if (id === 'ds64' && size >= 16) {
      longDataBytes = Number(new DataView(body.buffer).getBigUint64(8, true))
    }
  }
  throw new AudioFormatError('a WAV file without audio')
}

/** The audio's length, or undefined where it goes on to the end of the input. */
async function knownDataBytes(
  reader: ByteReader,
  size: number,
  longDataBytes: number | undefined,
): Promise<number | undefined> {
  if (size !== 0) return size === 0xffffffff ? longDataBytes : size
  if (longDataBytes !== undefined) return longDataBytes
  const next = await reader.peek(8)
  if (next.byteLength < 8) return undefined
  const { id, size: nextBytes } = parseChunkHead(next)
  return TRAILING_CHUNKS.has(id) && nextBytes <= MAX_TRAILING_CHUNK_BYTES ? 0 : undefined
}

function parseChunkHead(head: Uint8Array): { id: string; size: number } {
  const size = new DataView(head.buffer, head.byteOffset).getUint32(4, true)
  return { id: ascii(head.subarray(0, 4)), size }
}

function parseFormat(body: Uint8Array): SampleFormat {
  if (body.byteLength < 16) throw new AudioFormatError('a WAV file with a broken header')
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const code = view.getUint16(0, true)
  const extended = code === FORMAT_EXTENSIBLE && body.byteLength >= 26
  const encoding = encodingOf(extended ? view.getUint16(24, true) : code, view.getUint16(14, true))
  const channels = view.getUint16(2, true)
  const rateHz = view.getUint32(4, true)
  if (channels < 1 || channels > MAX_CHANNELS || rateHz < MIN_RATE_HZ || rateHz > MAX_RATE_HZ) {
    throw new AudioFormatError('a WAV file with a broken header')
  }
  if (view.getUint16(12, true) !== BYTES_PER_ENCODED_SAMPLE[encoding] * channels) {
    throw new AudioFormatError('a WAV file with a broken header')
  }
  return { encoding, rateHz, channels }
}

function encodingOf(code: number, bits: number): SampleEncoding {
  const byCode: Record<number, Record<number, SampleEncoding>> = {
    [FORMAT_PCM]: { 8: 'u8', 16: 's16le', 24: 's24le', 32: 's32le' },
    [FORMAT_FLOAT]: { 32: 'f32le', 64: 'f64le' },
    [FORMAT_ALAW]: { 8: 'alaw' },
    [FORMAT_MULAW]: { 8: 'ulaw' },
  }
  const encoding = byCode[code]?.[bits]
  if (encoding) return encoding
  throw new AudioFormatError(`a WAV file with compressed audio (format ${code}, ${bits} bits)`)
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

interface ByteReader {
  /** Exactly `count` bytes, in a buffer of their own. @throws AudioFormatError at the end */
  take(count: number): Promise<Uint8Array>
  /** The next `count` bytes, which stay; fewer only where the input ends. */
  peek(count: number): Promise<Uint8Array>
  /** Drops `count` bytes as they come. @throws AudioFormatError at the end */
  skip(count: number): Promise<void>
  /** What follows, at most `limit` bytes. */
  rest(limit: number): AsyncIterable<Uint8Array>
  /** Lets go of the input. */
  close(): Promise<void>
}

function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let pending: Uint8Array = new Uint8Array(0)

  /** Only while nothing is pending. */
  async function more(): Promise<boolean> {
    const next = await iterator.next()
    if (!next.done) pending = next.value
    return !next.done
  }

  async function peek(count: number): Promise<Uint8Array> {
    while (pending.byteLength < count) {
      const next = await iterator.next()
      if (next.done) break
      pending = Buffer.concat([pending, next.value])
    }
    return pending.subarray(0, count)
  }

  /** Hands over `count` bytes piece by piece. */
  async function consume(count: number, use: (part: Uint8Array, at: number) => void) {
    for (let done = 0; done < count;) {
      if (pending.byteLength === 0 && !(await more())) {
        throw new AudioFormatError(done === 0 ? 'empty or cut off' : 'cut off in its header')
      }
      const part = pending.subarray(0, count - done)
      pending = pending.subarray(part.byteLength)
      use(part, done)
      done += part.byteLength
    }
  }

  return {
    peek,
    async take(count) {
      const taken = new Uint8Array(count)
      await consume(count, (part, at) => taken.set(part, at))
      return taken
    },
    skip: async (count) => consume(count, () => undefined),
    async *rest(limit) {
      let left = limit
      try {
        do {
          const part = pending.subarray(0, Math.min(pending.byteLength, left))
          pending = new Uint8Array(0)
          left -= part.byteLength
          if (part.byteLength > 0) yield part
        } while (left > 0 && (await more()))
      } finally {
        await iterator.return?.()
      }
    },
    async close() {
      await iterator.return?.()
    },
  }
}
