import { BYTES_PER_MS } from '@saywire/protocol'
import { createRandom } from '@saywire/speech/testing'
import { gameNoise } from './game.ts'
import { holdMusic } from './music.ts'
import type { Random } from './noises.ts'
import { fan, keyboard, office, roomNoise } from './noises.ts'
import type { Samples } from './render.ts'
import { gainOf, samplesOf, toPcm, toSamplesOf } from './render.ts'

/** A kind of sound without a word in it. */
export interface Sound {
  readonly name: string
  /** PCM s16le, 16 kHz, mono; the same every time. */
  render(durationMs: number): Uint8Array
}

const SYNTHESES: Readonly<Record<string, (durationMs: number, random: Random) => Samples>> = {
  'digital silence': (durationMs) => new Float32Array(samplesOf(durationMs)),
  'quiet room': roomNoise,
  fan,
  keyboard,
  'hold music': holdMusic,
  game: gameNoise,
  office,
}
const GAIN_MIN_DB = -20
const GAIN_MAX_DB = 6
const GAP_MS = 400

/** All kinds; where a set brings recordings, they are one more, over and over at ever other volumes. */
export function nonSpeechSounds(seed: number, recordings: readonly Uint8Array[]): Sound[] {
  const sounds = Object.entries(SYNTHESES).map(([name, synthesis], i) => ({
    name,
    render: (durationMs: number) => toPcm(synthesis(durationMs, createRandom(seed + i))),
  }))
  if (recordings.length === 0) return sounds
  const render = (durationMs: number) => repeat(recordings, durationMs, createRandom(seed))
  return [...sounds, { name: 'recorded noises', render }]
}

function repeat(recordings: readonly Uint8Array[], durationMs: number, random: Random): Uint8Array {
  const out = new Uint8Array(durationMs * BYTES_PER_MS)
  for (let at = 0, i = 0; at < out.byteLength; i++) {
    const recording = recordings[i % recordings.length] as Uint8Array
    const gain = gainOf(GAIN_MIN_DB + random() * (GAIN_MAX_DB - GAIN_MIN_DB))
    const pcm = toPcm(toSamplesOf(recording).map((sample) => sample * gain))
    out.set(pcm.subarray(0, out.byteLength - at), at)
    at += pcm.byteLength + GAP_MS * BYTES_PER_MS
  }
  return out
}
