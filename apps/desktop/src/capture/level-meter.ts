import { toSamples } from '@saywire/speech'
import type { AudioLevel } from './capture-messages.ts'

/** 20 a second. */
const SAMPLES_PER_LEVEL = 800
const FULL_SCALE = 32_768
const SILENCE_DBFS = -100

/** Says how loud each 50 ms of PCM were. */
export function createLevelMeter(emit: (level: AudioLevel) => void): (pcm: Uint8Array) => void {
  let count = 0
  let squares = 0
  let peak = 0
  return (pcm) => {
    for (const sample of toSamples(pcm)) {
      squares += sample * sample
      peak = Math.max(peak, Math.abs(sample))
      count += 1
      if (count < SAMPLES_PER_LEVEL) continue
      emit({ rmsDbfs: dbfs(Math.sqrt(squares / count)), peakDbfs: dbfs(peak) })
      count = squares = peak = 0
    }
  }
}

function dbfs(amplitude: number): number {
  return Math.max(SILENCE_DBFS, Math.round(200 * Math.log10(amplitude / FULL_SCALE)) / 10)
}
