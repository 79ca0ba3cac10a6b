import { BYTES_PER_MS } from '@saywire/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReplayAudio } from './replay-audio.ts'
import { memoryStore } from './testing/memory-store.ts'

const MEMORY_MS = 10_000
const STORE_MS = 20_000
const FRAME_MS = 20

/** Audio whose every frame says where it lies. */
function frame(index: number): Uint8Array {
  const pcm = new Uint8Array(FRAME_MS * BYTES_PER_MS)
  new DataView(pcm.buffer).setUint32(0, index, true)
  return pcm
}

function frameAt(pcm: Uint8Array, index: number): number {
  return new DataView(pcm.buffer, pcm.byteOffset).getUint32(index * FRAME_MS * BYTES_PER_MS, true)
}

describe('replayed audio', () => {
  it('is stored only where memory has no room for what is still needed', () => {
    const { store, counts } = memoryStore(STORE_MS)
    const replay = createReplayAudio(MEMORY_MS, store)
    let index = 0
    const record = (ms: number, neededMs: number) => {
      for (let done = 0; done < ms; done += FRAME_MS) {
        replay.append(frame(index++))
        replay.forgetBefore(index * FRAME_MS - neededMs)
      }
    }
    record(60_000, 7000)
    expect(counts.appends).toBe(0)
    expect(replay.startMs).toBe(50_000)
    record(12_000, 19_000)
    expect(counts.appends).toBeGreaterThan(0)
    record(FRAME_MS, 1000)
    expect(counts.clears).toBeGreaterThan(0)
    expect(store.keptBytes).toBe(0)
  })

  it('is what was appended, wherever it is read, as far back as it is kept', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        (runs, place, length) => {
          const replay = createReplayAudio(MEMORY_MS, memoryStore(STORE_MS).store)
          let frames = 0
          for (const run of runs) for (let i = 0; i < run; i++) replay.append(frame(frames++))
          const first = Math.ceil(replay.startMs / FRAME_MS)
          const from = first + Math.floor(place * (frames - first))
          const to = Math.min(frames, from + length)
          const pcm = replay.read(from * FRAME_MS, to * FRAME_MS)
          const read = Array.from({ length: to - from }, (_, i) => frameAt(pcm ?? frame(0), i))
          expect(read).toEqual(read.map((_, i) => from + i))
          // Two seconds lie in both when they have just been moved.
          const keptMs = frames * FRAME_MS - replay.startMs
          const least = Math.min(frames * FRAME_MS, MEMORY_MS + STORE_MS - 2000)
          expect(keptMs).toBeGreaterThanOrEqual(least)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('is said to be gone, rather than made up, where the store fails', () => {
    const { store } = memoryStore(STORE_MS)
    const replay = createReplayAudio(MEMORY_MS, store)
    for (let i = 0; i < 1000; i++) replay.append(frame(i))
    expect(replay.startMs).toBe(0)
    store.clear()
    expect(replay.read(0, 100)).toBeUndefined()
    expect(replay.startMs).toBe(10_000)
  })
})
