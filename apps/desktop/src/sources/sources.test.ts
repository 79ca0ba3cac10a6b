import { Buffer } from 'node:buffer'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AudioSource } from '../core/ports.ts'
import { createFileSource } from './file-source.ts'
import { createStdinSource } from './stdin-source.ts'

const jfk = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-sources-'))
})
afterAll(async () => rm(folder, { recursive: true }))

async function collect(source: AudioSource, signal = new AbortController().signal) {
  const frames: Uint8Array[] = []
  await source.run(
    {
      onAudio: (pcm) => frames.push(pcm),
      onGap: () => undefined,
      onNotice: () => undefined,
      bufferedMs: () => 0,
    },
    signal,
  )
  return frames
}

async function* pieces(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part
}

describe('a file', () => {
  it('arrives whole, in frames of 20 ms', async () => {
    const frames = await collect(createFileSource(jfk, 'fast'))
    expect(frames).toHaveLength(550)
    expect(new Set(frames.map((frame) => frame.byteLength))).toEqual(new Set([640]))
  })

  it('takes as long as it is spoken, in real time', async () => {
    const abort = new AbortController()
    const startMs = performance.now()
    setTimeout(() => abort.abort(), 2000)
    const frames = await collect(createFileSource(jfk, 'realtime'), abort.signal)
    const tookMs = performance.now() - startMs
    expect(frames.length).toBeGreaterThan(5)
    expect(frames.length * 20).toBeLessThanOrEqual(tookMs)
  })

  it.each([
    ['missing', 'nowhere.wav', undefined, 'not_found', 'There is no file'],
    ['a folder', '.', undefined, 'not_audio', 'is a folder'],
    ['an MP3', 'talk.mp3', Buffer.from('ID3\x04 and more'), 'not_audio', 'not a WAV file. Convert'],
    ['empty', 'empty.wav', Buffer.alloc(0), 'not_audio', 'empty'],
  ])('that is %s is refused in one sentence', async (_what, name, bytes, code, sentence) => {
    const path = join(folder, name)
    if (bytes) await writeFile(path, bytes)
    const error: unknown = await collect(createFileSource(path, 'fast')).catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'CaptureError', code })
    expect(String(error)).toContain(sentence)
  })
})

describe('standard input', () => {
  it('reads raw PCM whose bytes are cut anywhere', async () => {
    const pcm = Buffer.from(Array.from({ length: 1280 }, (_, i) => i % 256))
    const source = createStdinSource(
      pieces(pcm.subarray(0, 1), pcm.subarray(1, 3), pcm.subarray(3)),
      {
        rateHz: 16_000,
        channels: 1,
      },
    )
    expect(Buffer.concat(await collect(source))).toEqual(pcm)
  })

  it('converts raw PCM of another rate and channel count', async () => {
    const source = createStdinSource(pieces(new Uint8Array(48_000 * 4)), {
      rateHz: 48_000,
      channels: 2,
    })
    expect(Buffer.concat(await collect(source))).toHaveLength(32_000)
  })

  it('recognises WAV', async () => {
    const wav = Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1')
    const rates = Buffer.alloc(12)
    rates.writeUInt32LE(8000, 0)
    rates.writeUInt32LE(16_000, 4)
    rates.writeUInt16LE(2, 8)
    rates.writeUInt16LE(16, 10)
    const data = Buffer.concat([Buffer.from('data\0\0\0\0', 'latin1'), Buffer.alloc(1600)])
    const source = createStdinSource(pieces(wav, rates, data), { rateHz: 16_000, channels: 1 })
    expect(Buffer.concat(await collect(source))).toHaveLength(3200)
  })

  it('says so when nothing comes', async () => {
    const source = createStdinSource(pieces(), { rateHz: 16_000, channels: 1 })
    await expect(collect(source)).rejects.toMatchObject({ code: 'not_audio' })
  })

  it('stops while it waits for the first byte', async () => {
    async function* nothing(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined)
      yield new Uint8Array(0)
    }
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    const source = createStdinSource(nothing(), { rateHz: 16_000, channels: 1 })
    expect(await collect(source, abort.signal)).toEqual([])
  })

  it('stops while it waits for more', async () => {
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(640)
      await new Promise(() => undefined)
    }
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    const source = createStdinSource(silent(), { rateHz: 16_000, channels: 1 })
    expect(await collect(source, abort.signal)).toHaveLength(1)
  })
})
