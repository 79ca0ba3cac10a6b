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

/** A header longer than this is not one. */
const MAX_HEADER_BYTES = 1024 * 1024
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
 * ever holding more than one chunk. Tolerates chunks it does not know, a missing pad byte at the
 * end, and data lengths of 0 or 0xFFFFFFFF, which programs write that do not know the length yet.
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
  for (let headerBytes = 12; headerBytes < MAX_HEADER_BYTES;) {
    const id = ascii(await reader.take(4))
    const size = new DataView((await reader.take(4)).buffer).getUint32(0, true)
    if (id === 'data') {
      if (!format) throw new AudioFormatError('a WAV file without a description of its format')
      const isOpen = size === 0 || size === 0xffffffff
      const dataBytes = isOpen ? longDataBytes : size
      return { format, dataBytes, data: reader.rest(dataBytes ?? Number.POSITIVE_INFINITY) }
    }
    headerBytes += 8 + size
    if (headerBytes > MAX_HEADER_BYTES) break
    const body = await reader.take(size + (size % 2))
    if (id === 'fmt ') format = parseFormat(body)
    // RF64 (EBU Tech 3306): lengths that 32 bits cannot hold; that of the audio is the second.
    if (id === 'ds64' && size >= 16) {
      longDataBytes = Number(new DataView(body.buffer).getBigUint64(8, true))
    }
  }
  throw new AudioFormatError('a WAV file without audio')
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
  /** What follows, at most `limit` bytes. */
  rest(limit: number): AsyncIterable<Uint8Array>
  /** Lets go of the input. */
  close(): Promise<void>
}

function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let pending: Uint8Array = new Uint8Array(0)

  async function more(): Promise<boolean> {
    const next = await iterator.next()
    if (!next.done) pending = next.value
    return !next.done
  }

  return {
    async take(count) {
      const taken = new Uint8Array(count)
      let filled = 0
      while (filled < count) {
        if (pending.byteLength === 0 && !(await more())) {
          throw new AudioFormatError(filled === 0 ? 'empty or cut off' : 'cut off in its header')
        }
        const part = pending.subarray(0, count - filled)
        taken.set(part, filled)
        filled += part.byteLength
        pending = pending.subarray(part.byteLength)
      }
      return taken
    },
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
