import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createChannelPicker } from './pick-channel.ts'

describe('picking a channel', { timeout: 60_000 }, () => {
  it.each(['left', 'right'] as const)('takes the %s one, wherever the bytes are cut', (side) => {
    const stereo = Int16Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1000 + i : -1000 - i))
    const wanted = stereo.filter((_, i) => i % 2 === (side === 'left' ? 0 : 1))
    const bytes = new Uint8Array(stereo.buffer)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const mono: number[] = []
        const pick = createChannelPicker(side, (pcm) => mono.push(...pcm))
        let from = 0
        for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
          pick(bytes.subarray(from, cut))
          from = cut
        }
        expect(new Int16Array(Uint8Array.from(mono).buffer)).toEqual(wanted)
      }),
    )
  })
})
