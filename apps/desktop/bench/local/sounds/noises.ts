import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { Samples } from './render.ts'
import { addAll, addVoice, gainOf, moments, samplesOf } from './render.ts'

/** Numbers in [0, 1) that follow from a seed. */
export type Random = () => number

/** White noise, −1 to 1. */
export function white(random: Random): () => number {
  return () => 2 * random() - 1
}

/** Noise below about so many Hz: a filter of first order. */
export function rumble(random: Random, hz: number): () => number {
  const share = 1 - Math.exp((-2 * Math.PI * hz) / SAMPLE_RATE_HZ)
  // What a filter of this kind leaves of white noise, so that each is as loud.
  const gain = 1 / Math.sqrt(share / (2 - share))
  let low = 0
  return () => {
    low += share * (2 * random() - 1 - low)
    return gain * low
  }
}

/** Noise that gets weaker with its frequency, as rooms have it. */
function pink(random: Random): () => number {
  const parts = [40, 400, 4000].map((hz) => rumble(random, hz))
  return () => parts.reduce((sum, part) => sum + part(), 0) / 3
}

/** Noise alone, its loudness (root of the mean square) in dB below full scale. */
function steady(durationMs: number, db: number, next: () => number): Samples {
  const samples = new Float32Array(samplesOf(durationMs)).map(next)
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  const gain = gainOf(db) / Math.sqrt(power || 1)
  return samples.map((sample) => sample * gain)
}

/** A quiet room, −62 dB. */
export function roomNoise(durationMs: number, random: Random): Samples {
  return steady(durationMs, -62, pink(random))
}

/** A fan on the desk: broad noise and the hum of its motor, −38 dB, a little louder and softer by turns. */
export function fan(durationMs: number, random: Random): Samples {
  const samples = steady(durationMs, -38, rumble(random, 900))
  const hums = [120, 240, 360, 480, 1180].map((hz, i) => ({ hz, gain: gainOf(-46 - 4 * i) }))
  addVoice(samples, 0, durationMs, (atS) =>
    hums.reduce((sum, { hz, gain }) => sum + gain * Math.sin(2 * Math.PI * hz * atS), 0),
  )
  return samples.map((sample, i) => {
    return sample * (1 + 0.15 * Math.sin((2 * Math.PI * 0.23 * i) / SAMPLE_RATE_HZ))
  })
}

/** Typing in a quiet room: a press and a release for each key, in bursts, up to −8 dB. */
export function keyboard(durationMs: number, random: Random): Samples {
  const samples = roomNoise(durationMs, random)
  let nextBurstMs = 0
  for (const atMs of moments(durationMs, 9, random)) {
    if (atMs < nextBurstMs) continue
    if (random() < 0.04) nextBurstMs = atMs + 500 + 2500 * random()
    const gain = gainOf(-26 + 18 * random())
    addClick(samples, atMs, gain, random)
    addClick(samples, atMs + 60 + 60 * random(), gain * 0.4, random)
  }
  return samples
}

/** A mouse or a key: a few ms of noise with the ring of its case. */
export function addClick(to: Samples, atMs: number, gain: number, random: Random): void {
  const noise = white(random)
  const ringHz = 900 + 2600 * random()
  const decay = 250 + 350 * random()
  addVoice(to, atMs, 25, (atS) => {
    const ring = 0.5 * Math.sin(2 * Math.PI * ringHz * atS)
    return gain * Math.exp(-decay * atS) * (noise() + ring)
  })
}

/** An office without its people's voices: ventilation, typing, steps, a door, chairs, a printer. */
export function office(durationMs: number, random: Random): Samples {
  const samples = steady(durationMs, -48, pink(random))
  addAll(
    samples,
    keyboard(durationMs, random).map((sample) => sample * 0.3),
  )
  for (const atMs of moments(durationMs, 0.15, random)) addSteps(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.03, random)) addThud(samples, atMs, 0.5, random)
  for (const atMs of moments(durationMs, 0.05, random)) addCreak(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.03, random)) addPrinter(samples, atMs, random)
  return samples
}

function addSteps(to: Samples, fromMs: number, random: Random): void {
  const gain = 0.02 + 0.08 * random()
  for (let step = 0; step < 6; step++) addThud(to, fromMs + step * 540, gain, random)
}

/** Low and short: a step, a door, something that was put down. */
function addThud(to: Samples, atMs: number, gain: number, random: Random): void {
  const noise = rumble(random, 150 + 200 * random())
  addVoice(to, atMs, 250, (atS) => gain * Math.exp(-25 * atS) * noise())
}

function addCreak(to: Samples, atMs: number, random: Random): void {
  const fromHz = 250 + 500 * random()
  const gain = 0.02 + 0.04 * random()
  addVoice(to, atMs, 400, (atS) => {
    const phase = fromHz * atS + 120 * atS * atS
    return gain * Math.sin(Math.PI * (atS / 0.4)) * (2 * (phase % 1) - 1)
  })
}

function addPrinter(to: Samples, atMs: number, random: Random): void {
  const noise = white(random)
  const hz = 5 + 4 * random()
  addVoice(to, atMs, 5000, (atS) => {
    const swing = Math.max(0, Math.sin(2 * Math.PI * hz * atS))
    return 0.05 * swing * (noise() * 0.5 + Math.sin(2 * Math.PI * 310 * atS))
  })
}
