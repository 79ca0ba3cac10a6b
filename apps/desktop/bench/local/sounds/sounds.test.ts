import { BYTES_PER_MS } from '@saywire/protocol'
import { expect, test } from 'vitest'
import { toSamplesOf } from './render.ts'
import { nonSpeechSounds } from './sounds.ts'

const RECORDED = new Uint8Array(new Int16Array(8000).fill(3000).buffer)

test.each(nonSpeechSounds(1, [RECORDED]))(
  '$name: the same every time, as long as asked',
  (sound) => {
    const pcm = sound.render(5000)
    expect(pcm.byteLength).toBe(5000 * BYTES_PER_MS)
    expect(Buffer.compare(pcm, sound.render(5000))).toBe(0)
    const samples = toSamplesOf(pcm)
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    const db = 10 * Math.log10(power)
    if (sound.name === 'digital silence') expect(peak).toBe(0)
    else if (sound.name === 'quiet room') expect(db).toBeLessThan(-55)
    else {
      expect(db).toBeGreaterThan(-50)
      expect(db).toBeLessThan(-6)
    }
  },
)

test('without recordings there is one kind less', () => {
  expect(nonSpeechSounds(1, [])).toHaveLength(nonSpeechSounds(1, [RECORDED]).length - 1)
})
