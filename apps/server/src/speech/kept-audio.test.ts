import { expect, test } from 'vitest'
import { KeptAudio } from './kept-audio.ts'

const BYTES_PER_MS = 32
/** Every second has a byte value of its own. */
const second = (n: number): Uint8Array => new Uint8Array(1000 * BYTES_PER_MS).fill(n)

function replayed(kept: KeptAudio) {
  const heard: (number | string)[] = []
  const fromMs = kept.replayFromMs
  let ms = 0
  const skippedMs = kept.replay(
    {
      write(pcm) {
        ms += pcm.byteLength / BYTES_PER_MS
        for (const byte of pcm) if (heard.at(-1) !== byte) heard.push(byte)
      },
      finalize: () => heard.push('finalize'),
    },
    fromMs,
  )
  return { fromMs, ms, heard, skippedMs }
}

test('a replacement hears what has no final, and a little before', () => {
  const kept = new KeptAudio(0, 60_000)
  for (let n = 1; n <= 5; n++) kept.append(second(n))
  kept.commit(3000)
  expect(replayed(kept)).toEqual({ fromMs: 2700, ms: 2300, heard: [3, 4, 5], skippedMs: 0 })
})

test('a final that was asked for is asked for again at the same place', () => {
  const kept = new KeptAudio(10_000, 60_000)
  kept.append(second(1))
  kept.finalize()
  kept.append(second(2))
  expect(replayed(kept)).toMatchObject({ fromMs: 10_000, heard: [1, 'finalize', 2] })
})

test('audio that is not kept any more is stated, unless somebody has heard it', () => {
  const kept = new KeptAudio(0, 3000)
  for (let n = 1; n <= 5; n++) kept.append(second(n))
  kept.take(1500)
  expect(replayed(kept)).toEqual({ fromMs: 2000, ms: 3000, heard: [3, 4, 5], skippedMs: 500 })
  expect(kept.horizonMs).toBe(2000)
})

test('times stay true where audio goes while a replacement is being opened', () => {
  const kept = new KeptAudio(0, 3000)
  for (let n = 1; n <= 3; n++) kept.append(second(n))
  const fromMs = kept.replayFromMs
  kept.append(second(4))
  let bytes = 0
  kept.replay({ write: (pcm) => (bytes += pcm.byteLength), finalize: () => undefined }, fromMs)
  expect(fromMs + bytes / BYTES_PER_MS).toBe(kept.endMs)
})
