import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToMs, msToBytes, PcmFramer, toSamples, writeFloats } from './pcm.ts'

const anyChunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 })

describe('bytesToMs and msToBytes', () => {
  it('count 32 bytes to the millisecond, rounded down', () => {
    expect([0, 31, 32, 63, 32_000].map(bytesToMs)).toEqual([0, 0, 1, 1, 1000])
  })

  it('never cut a sample in two', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (ms) => {
        expect(msToBytes(ms) % 2).toBe(0)
        expect(Math.abs(msToBytes(ms) - ms * 32)).toBeLessThan(2.1)
      }),
    )
  })

  it('are each other’s inverse on whole milliseconds', () => {
    fc.assert(
      fc.property(fc.nat(1e9), (ms) => {
        expect(bytesToMs(msToBytes(ms))).toBe(ms)
      }),
    )
  })
})

describe('toSamples', () => {
  it('reads little-endian samples at any alignment, and leaves a half one out', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(3), (bytes, offset) => {
        const shifted = new Uint8Array(bytes.byteLength + offset)
        shifted.set(bytes, offset)
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        const expected = Array.from({ length: bytes.byteLength >> 1 }, (_, i) =>
          view.getInt16(2 * i, true),
        )
        expect([...toSamples(shifted.subarray(offset))]).toEqual(expected)
      }),
    )
  })
})

describe('writeFloats', () => {
  it('maps the whole range of samples into [-1, 1), from the given place on', () => {
    const out = new Float32Array(5).fill(9)
    writeFloats(new Int16Array([-32_768, 0, 32_767]), out, 1)
    expect([...out]).toEqual([9, -1, 0, 32_767 / 32_768, 9])
  })
})

describe('PcmFramer', { timeout: 60_000 }, () => {
  it('keeps every byte in order, in full frames, however the chunks fall', () => {
    const anyFrameBytes = fc.integer({ min: 1, max: 64 }).map((samples) => 2 * samples)
    fc.assert(
      fc.property(anyChunks, anyFrameBytes, (chunks, frameBytes) => {
        const frames: Uint8Array[] = []
        const framer = new PcmFramer(frameBytes, (frame) => frames.push(frame))
        for (const chunk of chunks) framer.push(chunk)
        expect(frames.every((frame) => frame.byteLength === frameBytes)).toBe(true)
        const whole = Buffer.concat(chunks)
        expect(framer.pendingBytes).toBe(whole.byteLength % frameBytes)
        framer.flush()
        expect(framer.pendingBytes).toBe(0)
        const even = whole.byteLength - (whole.byteLength % 2)
        expect(Buffer.concat(frames).equals(whole.subarray(0, even))).toBe(true)
      }),
    )
  })

  it('gives frames that later audio does not write into, and never an empty one', () => {
    const frames: Uint8Array[] = []
    const framer = new PcmFramer(4, (frame) => frames.push(frame))
    framer.push(new Uint8Array([1, 2, 3, 4, 5, 6]))
    framer.flush()
    framer.flush()
    framer.push(new Uint8Array([7, 8, 9, 10]))
    expect(frames.map((frame) => Array.from(frame))).toEqual([
      [1, 2, 3, 4],
      [5, 6],
      [7, 8, 9, 10],
    ])
  })

  it.each([0, -2, 3])('refuses frames of %i bytes', (frameBytes) => {
    expect(() => new PcmFramer(frameBytes, () => undefined)).toThrow(RangeError)
  })
})
