import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAudioGate } from './audio-gate.ts'

const FRAME_BYTES = 640
const BYTES_PER_MS = 32

function gate(muted: boolean) {
  const told: (Uint8Array | number)[] = []
  const gate = createAudioGate({
    muted,
    onFrame: (pcm) => told.push(pcm),
    onMuted: (durationMs) => told.push(durationMs),
  })
  const bytesOut = () =>
    told.reduce<number>((sum, next) => sum + (typeof next === 'number' ? 0 : next.byteLength), 0)
  const mutedMs = () =>
    told.reduce<number>((sum, next) => sum + (typeof next === 'number' ? next : 0), 0)
  return { gate, told, bytesOut, mutedMs }
}

describe('the audio gate', { timeout: 60_000 }, () => {
  it('lets nothing of a frame that began before the mute leave after it', () => {
    const { gate: audio, told } = gate(false)
    audio.push(new Uint8Array(FRAME_BYTES + 600).fill(1))
    audio.setMuted(true, 0)
    audio.push(new Uint8Array(FRAME_BYTES).fill(2))
    audio.setMuted(false, 0)
    audio.push(new Uint8Array(FRAME_BYTES).fill(3))
    const [before, durationMs, after] = told
    expect(before).toEqual(new Uint8Array(FRAME_BYTES).fill(1))
    // 600 B of the frame that was cut, and the 640 B that were spoken while muted.
    expect(durationMs).toBe(Math.floor((600 + 640) / BYTES_PER_MS))
    expect(after).toEqual(new Uint8Array(FRAME_BYTES).fill(3))
  })

  it('says five times a second how long it has been muted', () => {
    const { gate: audio, told } = gate(true)
    for (let i = 0; i < 25; i++) audio.push(new Uint8Array(FRAME_BYTES))
    expect(told).toEqual([200, 200])
  })

  it('counts what was taken back on its way out as muted', () => {
    const { gate: audio, told } = gate(false)
    audio.setMuted(true, 3 * FRAME_BYTES)
    audio.setMuted(false, 0)
    expect(told).toEqual([60])
  })

  it('keeps the clock true whenever and however often somebody mutes', () => {
    const chunk = fc.integer({ min: 1, max: 2000 }).map((samples) => samples * 2)
    fc.assert(
      fc.property(fc.array(fc.oneof(chunk, fc.boolean())), (steps) => {
        const { gate: audio, bytesOut, mutedMs } = gate(false)
        let pushed = 0
        for (const step of steps) {
          if (typeof step === 'boolean') audio.setMuted(step, 0)
          else {
            pushed += step
            audio.push(new Uint8Array(step))
          }
        }
        audio.setMuted(true, 0)
        audio.setMuted(false, 0)
        const accountedMs = bytesOut() / BYTES_PER_MS + mutedMs()
        expect(Math.abs(pushed / BYTES_PER_MS - accountedMs)).toBeLessThan(1)
      }),
    )
  })
})
