import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPcmConverter } from './pcm-converter.ts'
import type { SampleEncoding, SampleFormat } from './sample-format.ts'
import { BYTES_PER_ENCODED_SAMPLE } from './sample-format.ts'
import { AudioFormatError, readWav } from './wav.ts'

const CODES = { u8: 1, s16le: 1, s24le: 1, s32le: 1, f32le: 3, f64le: 3, alaw: 6, ulaw: 7 } as const

interface WavOptions extends Partial<SampleFormat> {
  extensible?: boolean
  /** What the header says of the data's length, where that is not the truth. */
  claimedBytes?: number
  before?: Uint8Array
}

/** A WAV file around bytes that are already encoded. */
function wav(data: Uint8Array, options: WavOptions = {}): Uint8Array {
  const { encoding = 's16le', rateHz = 16_000, channels = 1, extensible = false } = options
  const sampleBytes = BYTES_PER_ENCODED_SAMPLE[encoding]
  const fmt = Buffer.alloc(extensible ? 40 : 16)
  fmt.writeUInt16LE(extensible ? 0xfffe : CODES[encoding], 0)
  fmt.writeUInt16LE(channels, 2)
  fmt.writeUInt32LE(rateHz, 4)
  fmt.writeUInt32LE(rateHz * channels * sampleBytes, 8)
  fmt.writeUInt16LE(channels * sampleBytes, 12)
  fmt.writeUInt16LE(sampleBytes * 8, 14)
  if (extensible) fmt.writeUInt16LE(CODES[encoding], 24)
  const chunk = (id: string, body: Uint8Array, size = body.byteLength) => {
    const head = Buffer.alloc(8)
    head.write(id, 'ascii')
    head.writeUInt32LE(size >>> 0, 4)
    return Buffer.concat([head, body, Buffer.alloc(body.byteLength % 2)])
  }
  return Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'),
    options.before ?? Buffer.alloc(0),
    chunk('fmt ', fmt),
    chunk('data', data, options.claimedBytes),
  ])
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

async function decode(bytes: Uint8Array, pieceBytes = 1000): Promise<Int16Array> {
  const { format, data } = await readWav(inPieces(bytes, pieceBytes))
  const pieces: Uint8Array[] = []
  const converter = createPcmConverter(format, (pcm) => pieces.push(pcm))
  for await (const piece of data) converter.push(piece)
  converter.end()
  const pcm = Buffer.concat(pieces)
  return new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength))
}

/** One sample of value 0.25 in each encoding. */
const QUARTER: Record<SampleEncoding, number[]> = {
  u8: [160],
  s16le: [0x00, 0x20],
  s24le: [0x00, 0x00, 0x20],
  s32le: [0x00, 0x00, 0x00, 0x20],
  f32le: [...new Uint8Array(new Float32Array([0.25]).buffer)],
  f64le: [...new Uint8Array(new Float64Array([0.25]).buffer)],
  alaw: [0xb5],
  ulaw: [0x9f],
}

describe('reading WAV', () => {
  it.each(Object.entries(QUARTER))('understands %s, plain and extensible', async (name, sample) => {
    const encoding = name as SampleEncoding
    const data = Uint8Array.from(Array.from({ length: 100 }, () => sample).flat())
    for (const extensible of [false, true]) {
      const samples = await decode(wav(data, { encoding, extensible }))
      expect(samples).toHaveLength(100)
      // G.711 has no code for exactly 0.25; its nearest is within 4 %.
      for (const value of samples) expect(Math.abs(value / 8192 - 1)).toBeLessThan(0.04)
    }
  })

  it('mixes channels to their mean', async () => {
    const data = new Uint8Array(new Int16Array([1000, 3000, -500, 500]).buffer)
    expect([...(await decode(wav(data, { channels: 2 })))]).toEqual([2000, 0])
  })

  it('gives 16 kHz mono bytes back unchanged, however they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 500 }),
        async (bytes, pieceBytes) => {
          const samples = await decode(wav(bytes), pieceBytes)
          const whole = bytes.subarray(0, bytes.length - (bytes.length % 2))
          expect(Buffer.from(samples.buffer)).toEqual(Buffer.from(whole))
        },
      ),
      { numRuns: 50 },
    )
  })

  it.each([0, 0xffffffff])('reads to the end where the header claims %i bytes', async (claimed) => {
    const data = new Uint8Array(400)
    expect(await decode(wav(data, { claimedBytes: claimed }))).toHaveLength(200)
  })

  it('reads what is there of a file that is cut off', async () => {
    expect(await decode(wav(new Uint8Array(400), { claimedBytes: 4000 }))).toHaveLength(200)
  })

  it('skips chunks before and after the audio', async () => {
    const list = Buffer.from('LIST\x05\0\0\0abcde\0', 'latin1')
    const bytes = Buffer.concat([wav(new Uint8Array(400), { before: list }), list])
    expect(await decode(bytes)).toHaveLength(200)
  })

  it('skips a chunk before the audio however long it is, a picture for example', async () => {
    const picture = Buffer.alloc(8 + 20 * 1024 * 1024)
    picture.write('LIST', 'ascii')
    picture.writeUInt32LE(picture.byteLength - 8, 4)
    const bytes = wav(new Uint8Array(400), { before: picture })
    expect(await decode(bytes, 65_536)).toHaveLength(200)
  })

  it.each(['LIST', 'id3 ', 'bext'])(
    'takes no %s chunk behind an empty recording for audio',
    async (id) => {
      const chunk = Buffer.from(`${id}\x06\0\0\0abcdef`, 'latin1')
      const bytes = Buffer.concat([wav(new Uint8Array(0)), chunk])
      for (const pieceBytes of [1, 1000]) expect(await decode(bytes, pieceBytes)).toHaveLength(0)
    },
  )

  it('takes audio of unknown length for audio, though it begins like a chunk', async () => {
    const data = Buffer.from('LIST\xff\xff\xff\xff', 'latin1')
    expect(await decode(wav(data, { claimedBytes: 0 }))).toHaveLength(4)
  })

  it.each([
    ['an MP3', Buffer.from('ID3\x04\0\0\0\0\0\0\0\0\0\0')],
    ['text', Buffer.from('Hello, this is no audio at all.')],
    ['nothing', Buffer.alloc(0)],
    ['a header that lies about its format', wav(new Uint8Array(4), { rateHz: 0 })],
    ['a header only', wav(new Uint8Array(0)).subarray(0, 36)],
    ['compressed audio', Buffer.from(wav(new Uint8Array(4))).fill(2, 20, 21)],
  ])('says what it is instead: %s', async (_name, bytes) => {
    await expect(decode(bytes)).rejects.toThrow(AudioFormatError)
  })

  it('never crashes on damaged headers', async () => {
    const good = wav(new Uint8Array(64))
    await fc.assert(
      fc.asyncProperty(fc.nat(good.byteLength - 1), fc.nat(255), async (at, value) => {
        const damaged = Uint8Array.from(good)
        damaged[at] = value
        await decode(damaged).catch((error: unknown) =>
          expect(error).toBeInstanceOf(AudioFormatError),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('reads the recording that comes with the project', async () => {
    const bytes = await readFile(new URL('../../assets/jfk.wav', import.meta.url))
    expect(await decode(bytes, 65_536)).toHaveLength(176_000)
  })
})
