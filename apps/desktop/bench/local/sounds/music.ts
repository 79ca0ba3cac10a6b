import type { Random } from './noises.ts'
import { white } from './noises.ts'
import type { Samples } from './render.ts'
import { addVoice, samplesOf } from './render.ts'

/** Triads on the steps of a major scale, in half tones above its root. */
const CHORDS = [
  [0, 4, 7],
  [9, 12, 16],
  [5, 9, 12],
  [7, 11, 14],
  [2, 5, 9],
  [4, 7, 11],
] as const
const BAR_MS = 2000
const ROOT_HZ = 130.8

/** What one hears while one waits: chords, a broken chord above them, bass and drums, about −20 dB. */
export function holdMusic(durationMs: number, random: Random): Samples {
  const samples = new Float32Array(samplesOf(durationMs))
  for (let atMs = 0; atMs < durationMs; atMs += BAR_MS) {
    const chord = CHORDS[Math.floor(random() * CHORDS.length)] ?? CHORDS[0]
    for (const step of chord) addPad(samples, atMs, hzOf(step))
    for (let beat = 0; beat < 8; beat++) {
      const step = (chord[beat % 3] ?? 0) + (random() < 0.4 ? 24 : 12)
      if (random() < 0.85) addPluck(samples, atMs + (beat * BAR_MS) / 8, hzOf(step))
      addHat(samples, atMs + (beat * BAR_MS) / 8, random)
    }
    for (const beat of [0, 4]) {
      addKick(samples, atMs + (beat * BAR_MS) / 8)
      addPluck(samples, atMs + (beat * BAR_MS) / 8, hzOf((chord[0] ?? 0) - 12))
    }
  }
  return samples
}

function hzOf(halfTones: number): number {
  return ROOT_HZ * 2 ** (halfTones / 12)
}

function addPad(to: Samples, atMs: number, hz: number): void {
  addVoice(to, atMs, BAR_MS, (atS) => {
    const swell = Math.min(1, atS / 0.3, (BAR_MS / 1000 - atS) / 0.3)
    const vibrato = 1 + 0.003 * Math.sin(2 * Math.PI * 5 * atS)
    const partials = [1, 2, 3].map((n) => Math.sin(2 * Math.PI * hz * vibrato * n * atS) / (n * n))
    return 0.035 * swell * partials.reduce((sum, partial) => sum + partial, 0)
  })
}

function addPluck(to: Samples, atMs: number, hz: number): void {
  addVoice(to, atMs, 700, (atS) => {
    const attack = Math.min(1, atS / 0.005)
    const phase = (hz * atS) % 1
    return 0.07 * attack * Math.exp(-5 * atS) * (4 * Math.abs(phase - 0.5) - 1)
  })
}

function addKick(to: Samples, atMs: number): void {
  addVoice(to, atMs, 200, (atS) => {
    const phase = 50 * atS + 4 * (1 - Math.exp(-30 * atS))
    return 0.2 * Math.exp(-18 * atS) * Math.sin(2 * Math.PI * phase)
  })
}

function addHat(to: Samples, atMs: number, random: Random): void {
  const noise = white(random)
  addVoice(to, atMs, 60, (atS) => 0.03 * Math.exp(-70 * atS) * noise())
}
