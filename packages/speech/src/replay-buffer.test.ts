import { msToBytes } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplayBuffer } from './replay-buffer.ts'

const CAPACITY_MS = 1000

describe('the replay buffer', () => {
  it('gives back the newest audio byte for byte, however it was cut and wherever it is read', () => {
    const anyPieces = fc.array(fc.integer({ min: 1, max: 1500 }), { maxLength: 20 })
    fc.assert(
      fc.property(anyPieces, fc.nat(1000), fc.nat(1000), (piecesMs, a, b) => {
        const buffer = new ReplayBuffer(CAPACITY_MS)
        const totalMs = piecesMs.reduce((sum, ms) => sum + ms, 0)
        const all = Uint8Array.from({ length: msToBytes(totalMs) }, (_, at) => at % 251)
        let atMs = 0
        for (const ms of piecesMs) {
          buffer.append(all.subarray(msToBytes(atMs), msToBytes(atMs + ms)))
          atMs += ms
        }
        expect(buffer.startMs).toBe(Math.max(0, totalMs - CAPACITY_MS))
        const keptMs = totalMs - buffer.startMs
        const [fromMs, toMs] = [a, b]
          .map((part) => buffer.startMs + Math.floor((part * keptMs) / 1000))
          .toSorted((x, y) => x - y) as [number, number]
        const expected = all.subarray(msToBytes(fromMs), msToBytes(toMs))
        expect(Buffer.compare(buffer.read(fromMs, toMs), expected)).toBe(0)
      }),
    )
  })

  it('keeps what is not forgotten, as far as it has room, and little more memory than that', () => {
    const buffer = new ReplayBuffer(60_000)
    const piece = (atMs: number) => new Uint8Array(msToBytes(100)).fill(atMs / 100)
    for (let atMs = 0; atMs < 100_000; atMs += 100) {
      buffer.append(piece(atMs))
      if (atMs % 3000 === 0) buffer.forgetBefore(atMs)
    }
    // The last thing to be forgotten was what lies before 99,000.
    expect(buffer.startMs).toBe(96_000)
    for (let atMs = 100_000; atMs < 150_000; atMs += 100) buffer.append(piece(atMs))
    for (const atMs of [99_000, 120_000, 149_900]) {
      expect(Buffer.compare(buffer.read(atMs, atMs + 100), piece(atMs))).toBe(0)
    }
    for (let atMs = 150_000; atMs < 170_000; atMs += 100) buffer.append(piece(atMs))
    expect(buffer.startMs).toBe(110_000)
  })

  it('refuses what it no longer has, and what has not come yet', () => {
    const buffer = new ReplayBuffer(CAPACITY_MS)
    buffer.append(new Uint8Array(msToBytes(1200)))
    expect(() => buffer.read(199, 300)).toThrow(RangeError)
    expect(() => buffer.read(300, 1201)).toThrow(RangeError)
    expect(buffer.read(200, 1200)).toHaveLength(msToBytes(1000))
  })
})
