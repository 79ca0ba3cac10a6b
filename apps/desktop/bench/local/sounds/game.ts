import type { Random } from './noises.ts'
import { addClick, rumble, white } from './noises.ts'
import type { Samples } from './render.ts'
import { addVoice, moments, samplesOf } from './render.ts'

/** A game at the volume of speech: an engine throughout; shots, explosions, beeps, whooshes, clicks. */
export function gameNoise(durationMs: number, random: Random): Samples {
  const samples = new Float32Array(samplesOf(durationMs))
  addEngine(samples, durationMs, random)
  for (const atMs of moments(durationMs, 0.4, random)) addVolley(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.08, random)) addExplosion(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.3, random)) addBeep(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.3, random)) addWhoosh(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.8, random)) addBlip(samples, atMs, random)
  for (const atMs of moments(durationMs, 0.5, random)) addClick(samples, atMs, 0.1, random)
  return samples
}

function addEngine(to: Samples, durationMs: number, random: Random): void {
  const noise = rumble(random, 300)
  let phase = 0
  addVoice(to, 0, durationMs, (atS) => {
    const hz = 70 + 30 * Math.sin(0.4 * atS) + 15 * Math.sin(1.7 * atS)
    phase = (phase + hz / 16_000) % 1
    return 0.03 * (2 * phase - 1) + 0.015 * noise()
  })
}

function addVolley(to: Samples, atMs: number, random: Random): void {
  const shots = 1 + Math.floor(6 * random())
  const gain = 0.1 + 0.3 * random()
  const decay = 25 + 30 * random()
  for (let shot = 0; shot < shots; shot++) {
    const sharp = white(random)
    const deep = rumble(random, 400)
    addVoice(to, atMs + shot * 110, 250, (atS) => {
      return gain * Math.exp(-decay * atS) * (0.5 * sharp() + deep())
    })
  }
}

function addExplosion(to: Samples, atMs: number, random: Random): void {
  const deep = rumble(random, 120)
  const gain = 0.3 + 0.3 * random()
  addVoice(to, atMs, 2500, (atS) => gain * Math.min(1, atS / 0.01) * Math.exp(-2 * atS) * deep())
}

function addBeep(to: Samples, atMs: number, random: Random): void {
  const hz = 500 + 1200 * random()
  const times = 1 + Math.floor(3 * random())
  for (let beep = 0; beep < times; beep++) {
    addVoice(to, atMs + beep * 220, 120, (atS) => {
      return 0.1 * Math.min(1, atS / 0.005, (0.12 - atS) / 0.005) * Math.sin(2 * Math.PI * hz * atS)
    })
  }
}

function addWhoosh(to: Samples, atMs: number, random: Random): void {
  const noise = white(random)
  const lengthS = 0.3 + 0.7 * random()
  let low = 0
  let band = 0
  addVoice(to, atMs, lengthS * 1000, (atS) => {
    const swell = Math.sin((Math.PI * atS) / lengthS)
    // A filter whose frequency goes up and down again with the loudness (Chamberlin 1980).
    const tuning = 2 * Math.sin((Math.PI * (300 + 2000 * swell)) / 16_000)
    low += tuning * band
    band += tuning * (noise() - low - 0.5 * band)
    return 0.1 * swell * band
  })
}

function addBlip(to: Samples, atMs: number, random: Random): void {
  const fromHz = 400 + 800 * random()
  const slide = random() < 0.5 ? 3000 : -2000
  addVoice(to, atMs, 90, (atS) => {
    const phase = fromHz * atS + (slide * atS * atS) / 2
    return 0.05 * Math.exp(-20 * atS) * (phase % 1 < 0.5 ? 1 : -1)
  })
}
