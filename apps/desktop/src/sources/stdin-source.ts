import type { AudioSource } from '../core/ports.ts'
import { readWavAs } from './file-source.ts'
import type { EncodedAudio } from './stream-source.ts'
import { createStreamSource } from './stream-source.ts'

export interface RawFormat {
  readonly rateHz: number
  readonly channels: number
}

const NAME = 'Standard input'

/**
 * Audio from a pipe: raw s16le in the format given, or WAV, which its first bytes tell. As live as
 * whatever writes into the pipe.
 */
export function createStdinSource(
  input: AsyncIterable<Uint8Array>,
  { rateHz, channels }: RawFormat,
): AudioSource {
  return createStreamSource({ name: NAME, open: async () => openPipe(), pace: 'fast' })

  async function openPipe(): Promise<EncodedAudio> {
    const { head, all } = await peek(input, 4)
    if (/^(RIFF|RF64)$/.test(head.toString('latin1'))) return readWavAs(NAME, all)
    return { format: { encoding: 's16le', rateHz, channels }, data: all }
  }
}

async function peek(
  input: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ head: Buffer; all: AsyncIterable<Uint8Array> }> {
  const iterator = input[Symbol.asyncIterator]()
  let first = Buffer.alloc(0)
  let next = await iterator.next()
  while (!next.done) {
    first = Buffer.concat([first, next.value])
    if (first.byteLength >= count) break
    next = await iterator.next()
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    if (first.byteLength > 0) yield first
    for (let more = await iterator.next(); !more.done; more = await iterator.next())
      yield more.value
  }
  return { head: first.subarray(0, count), all: all() }
}
