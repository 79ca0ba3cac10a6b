import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { VoiceDetector } from './voice-detector.ts'

const FRAME_SAMPLES = (SAMPLE_RATE_HZ * 20) / 1000
/** Above the noise floor, dB: what begins speech, and what it may fall to before it ends. */
const ONSET_DB = 10
const OFFSET_DB = 6
/** Nothing more quiet than this (dB of full scale) is speech, however silent the room. */
const QUIETEST_SPEECH_DB = -55
/** Onset needs this many loud frames among the last four: a click is shorter. */
const ONSET_FRAMES = 3
/** The floor is the minimum of this many stretches of half a second each. */
const FLOOR_STRETCHES = 6
const STRETCH_FRAMES = 25
/**
 * Where speech stands out of the noise by less than this, dB, its softer words are lost in it: then
 * speech goes on for so many frames after the last one that was heard.
 */
const CLEAR_DB = 22
const NOISY_HANGOVER_FRAMES = 20
/** Keeps rumble, hum and a DC offset out of the measurement. */
const HIGH_PASS_HZ = 200

/**
 * Voice by energy: loudness in frames of 20 ms against a noise floor that follows the room (the
 * quietest moment of the last three seconds), with hysteresis. Cheap, and deaf to the difference
 * between speech and other sounds as loud.
 */
export function createEnergyVoiceDetector(): VoiceDetector {
  const highPass = createHighPass()
  const minima: number[] = []
  let stretchMin = Number.POSITIVE_INFINITY
  let stretchFrames = 0
  let smoothDb = Number.NaN
  let recentLoud = 0
  let speaking = false
  let speechDb = Number.NaN
  let hangover = 0

  function floorDb(): number {
    const floor = Math.min(stretchMin, ...minima)
    // Until three seconds are known the room is taken for quiet, so that speech may come first.
    return minima.length < FLOOR_STRETCHES ? Math.min(floor, QUIETEST_SPEECH_DB - ONSET_DB) : floor
  }

  function follow(db: number): void {
    smoothDb = Number.isNaN(smoothDb) ? db : smoothDb + (db - smoothDb) * 0.4
    stretchMin = Math.min(stretchMin, smoothDb)
    if (++stretchFrames < STRETCH_FRAMES) return
    minima.push(stretchMin)
    if (minima.length > FLOOR_STRETCHES) minima.shift()
    stretchMin = Number.POSITIVE_INFINITY
    stretchFrames = 0
  }

  return {
    frameSamples: FRAME_SAMPLES,
    isSpeech(frame) {
      const db = 10 * Math.log10(highPass.power(frame) + 1e-12)
      follow(db)
      const floor = floorDb()
      const loud = db > Math.max(floor + ONSET_DB, QUIETEST_SPEECH_DB)
      recentLoud = ((recentLoud << 1) | (loud ? 1 : 0)) & 0b1111
      if (loud) speechDb = Number.isNaN(speechDb) ? db : speechDb + (db - speechDb) * 0.05
      const heard = speaking
        ? loud || smoothDb > Math.max(floor + OFFSET_DB, QUIETEST_SPEECH_DB - 3)
        : bitCount(recentLoud) >= ONSET_FRAMES
      if (heard) hangover = speechDb - floor < CLEAR_DB ? NOISY_HANGOVER_FRAMES : 0
      speaking = heard || hangover-- > 0
      return speaking
    },
  }
}

/** First order; keeps its state from frame to frame. */
function createHighPass() {
  const a = 1 / (1 + (2 * Math.PI * HIGH_PASS_HZ) / SAMPLE_RATE_HZ)
  let previousIn = 0
  let previousOut = 0
  return {
    /** Mean square of the filtered frame. */
    power(frame: Float32Array): number {
      let sum = 0
      for (const sample of frame) {
        previousOut = a * (previousOut + sample - previousIn)
        previousIn = sample
        sum += previousOut * previousOut
      }
      return sum / frame.length
    },
  }
}

function bitCount(nibble: number): number {
  return (nibble & 1) + ((nibble >> 1) & 1) + ((nibble >> 2) & 1) + ((nibble >> 3) & 1)
}
