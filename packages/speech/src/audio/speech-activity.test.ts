import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toSamples, writeFloats } from '../pcm.ts'
import { joined, noise, silence, tone } from '../whisper/testing/synthetic-audio.ts'
import { createSpeechActivity } from './speech-activity.ts'
import { readWav } from './wav.ts'

const FRAME_BYTES = 640
const FRAME_SAMPLES = 320

let jfk: Float32Array

beforeAll(async () => {
  const path = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
  const parts: Uint8Array[] = []
  for await (const part of (await readWav(createReadStream(path))).data) parts.push(part)
  const samples = toSamples(Buffer.concat(parts))
  jfk = new Float32Array(samples.length)
  writeFloats(samples, jfk)
})

/** The verdict on each frame of 20 ms. */
function verdicts(samples: Float32Array, activity = createSpeechActivity()): boolean[] {
  const pcm = new Uint8Array(joined(samples).buffer)
  const heard: boolean[] = []
  for (let at = 0; at + FRAME_BYTES <= pcm.byteLength; at += FRAME_BYTES) {
    heard.push(activity.hear(pcm.subarray(at, at + FRAME_BYTES)))
  }
  return heard
}

/** dB of full scale. */
function level(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  return 10 * Math.log10(power + 1e-20)
}

function atLevel(samples: Float32Array, db: number): Float32Array {
  const gain = 10 ** ((db - level(samples)) / 20)
  return samples.map((sample) => sample * gain)
}

function mixed(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((sample, i) => sample + (b[i] ?? 0))
}

function after(before: Float32Array, samples: Float32Array): Float32Array {
  const whole = new Float32Array(before.length + samples.length)
  whole.set(before)
  whole.set(samples, before.length)
  return whole
}

function hum(ms: number): Float32Array {
  return mixed(mixed(tone(ms, 0.5, 50), tone(ms, 0.3, 100)), tone(ms, 0.2, 250))
}

/** Frames of the clean recording that are less than 15 dB below its mean. */
function spokenFrames(): boolean[] {
  const mean = level(jfk)
  return Array.from({ length: Math.floor(jfk.length / FRAME_SAMPLES) }, (_, i) => {
    return level(jfk.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES)) > mean - 15
  })
}

/** Share of the spoken frames that are not heard over a noise that was there before. */
function missed(speech: Float32Array, room: Float32Array, leadMs: number): number {
  const heard = verdicts(mixed(after(silence(leadMs), speech), room)).slice(leadMs / 20)
  const spoken = spokenFrames()
  const lost = spoken.filter((isSpoken, i) => isSpoken && heard[i] === false)
  return lost.length / spoken.filter(Boolean).length
}

describe('speech activity', () => {
  it('is not in digital silence, nor in a quiet room, from the first frame on', () => {
    expect(verdicts(silence(60_000))).not.toContain(true)
    expect(verdicts(atLevel(noise(60_000, 1), -60))).not.toContain(true)
    expect(verdicts(atLevel(hum(60_000), -55))).not.toContain(true)
  })

  it.each([-50, -30, -15])('is not in a hum of %i dBFS once the hum is known', (db) => {
    const heard = verdicts(atLevel(hum(30_000), db))
    expect(heard.slice(250)).not.toContain(true)
  })

  it('is not in the noise of a loud fan once the noise is known', () => {
    const heard = verdicts(atLevel(noise(30_000, 1), -25))
    expect(heard.slice(250)).not.toContain(true)
  })

  it('is not in an offset of the microphone, nor in a single click', () => {
    const offset = silence(10_000).map(() => 0.2)
    expect(verdicts(offset).slice(20)).not.toContain(true)
    const click = silence(2000)
    click[16_000] = 0.9
    expect(verdicts(click)).not.toContain(true)
  })

  it.each([
    [-20, 40],
    [-20, 20],
    [-20, 10],
    [-45, 20],
    [-45, 10],
  ])('is in real speech of %i dBFS, %i dB above the noise of the room', (speechDb, snrDb) => {
    for (const leadMs of [0, 6000]) {
      const room = atLevel(noise(leadMs + 11_000, 1), speechDb - snrDb)
      const share = missed(atLevel(jfk, speechDb), room, leadMs)
      expect(share).toBeLessThan(snrDb === 10 ? 0.08 : 0.02)
    }
  })

  it('is in soft speech out of digital silence', () => {
    expect(missed(atLevel(jfk, -45), silence(17_000), 6000)).toBeLessThan(0.02)
  })

  it('is in the hiss of an "s" that is weaker than the hum of the room', () => {
    const room = atLevel(hum(6000), -40)
    const hiss = atLevel(noise(100, 1), -45)
    const heard = verdicts(mixed(room, after(silence(5000), hiss)))
    expect(heard.slice(200, 250)).not.toContain(true)
    expect(heard.slice(251, 256)).toContain(true)
  })

  it('goes on for 200 ms after the last sound, which bridges the closures of a word', () => {
    const heard = verdicts(after(after(silence(1000), tone(500, 0.1)), silence(1000)))
    const ended = heard.lastIndexOf(true)
    expect(ended).toBeGreaterThanOrEqual((1500 + 180) / 20)
    expect(ended).toBeLessThan((1500 + 300) / 20)
  })

  it('does not depend on how the audio is cut into frames', () => {
    const pcm = new Uint8Array(joined(mixed(jfk, atLevel(noise(11_000, 1), -45))).buffer)
    const cut = (sizes: readonly number[]) => {
      const activity = createSpeechActivity()
      const heard: { end: number; isHeard: boolean }[] = []
      for (let at = 0, i = 0; at < pcm.byteLength; i++) {
        const end = Math.min(pcm.byteLength, at + 2 * (sizes[i % sizes.length] as number))
        heard.push({ end, isHeard: activity.hear(pcm.subarray(at, end)) })
        at = end
      }
      return heard
    }
    const bySample = cut([1]).map(({ isHeard }) => isHeard)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1 }), (sizes) => {
        let at = 0
        for (const { end, isHeard } of cut(sizes)) {
          expect(isHeard).toBe(bySample.slice(at, end / 2).includes(true))
          at = end / 2
        }
      }),
      { numRuns: 20 },
    )
  })
})
