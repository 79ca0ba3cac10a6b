import { BYTES_PER_MS } from '@saywire/protocol'
import { expect, test } from 'vitest'
import { FRAME_MS, joinClips } from './clip-stream.ts'

function clipOf(durationMs: number, level: number) {
  const pcm = new Uint8Array(new Int16Array((durationMs * BYTES_PER_MS) / 2).fill(level).buffer)
  return { file: `${level}`, category: '', isNoisy: false, reference: '', pcm, durationMs }
}
/** An assertion over a million numbers takes a minute. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

const CLIPS = [clipOf(1234, 1000), clipOf(777, 2000), clipOf(50, 3000)]

test('every clip lies where it is said to lie, with a pause of 0.8 to 3 s around it', () => {
  const { pcm, placed, durationMs } = joinClips(CLIPS, { seed: 1, leastMs: 0 })
  expect(placed).toHaveLength(3)
  expect(pcm.byteLength).toBe(durationMs * BYTES_PER_MS)
  expect(durationMs % FRAME_MS).toBe(0)
  let endMs = 0
  for (const { clip, startMs, endMs: clipEndMs } of placed) {
    expect(startMs - endMs).toBeGreaterThanOrEqual(800)
    expect(startMs - endMs).toBeLessThan(3000 + FRAME_MS)
    const from = startMs * BYTES_PER_MS
    expect(isSame(pcm.subarray(from, from + clip.pcm.byteLength), clip.pcm)).toBe(true)
    endMs = clipEndMs
  }
})

test('the same seed makes the same stream, and it goes round until it is long enough', () => {
  const one = joinClips(CLIPS, { seed: 7, leastMs: 12_000 })
  const other = joinClips(CLIPS, { seed: 7, leastMs: 12_000 })
  expect(isSame(one.pcm, other.pcm)).toBe(true)
  expect(one.durationMs).toBeGreaterThanOrEqual(12_000)
  const times = CLIPS.map((clip) => one.placed.filter((each) => each.clip === clip).length)
  expect(new Set(times).size).toBe(1)
})
