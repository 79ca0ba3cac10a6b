import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { WhisperToken } from './whisper-binding.ts'

const FRAME_MS = 20
const FRAME_SAMPLES = (SAMPLE_RATE_HZ * FRAME_MS) / 1000
/** How much softer than the loudest frame a voice may be, dB. */
const VOICED_DB = 30

/**
 * The words of a text, placed in its audio where nothing tells when they were said: in order, each
 * with as much of the loud frames as it has of the letters. Good to a few tenths of a second.
 * @param samples floats at 16 kHz
 */
export function wordsByLetters(text: string, samples: Float32Array): WhisperToken[] {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const frames = voicedFrames(samples)
  const letters = words.reduce((sum, word) => sum + word.length, 0)
  let said = 0
  return words.map((word) => {
    const from = Math.min(Math.floor((said / letters) * frames.length), frames.length - 1)
    said += word.length
    const to = Math.max(from, Math.ceil((said / letters) * frames.length) - 1)
    const startMs = (frames[from] ?? 0) * FRAME_MS
    const endMs = ((frames[to] ?? 0) + 1) * FRAME_MS
    return { text: ` ${word}`, p: undefined, logp: undefined, parts: 1, startMs, endMs }
  })
}

/** Numbers of the frames that are loud enough to hold a voice: in silence all of them. */
function voicedFrames(samples: Float32Array): number[] {
  const powers: number[] = []
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    const frame = samples.subarray(at, at + FRAME_SAMPLES)
    powers.push(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length)
  }
  const least = powers.reduce((a, b) => Math.max(a, b), 0) * 10 ** (-VOICED_DB / 10)
  return powers.flatMap((power, frame) => (power >= least ? [frame] : []))
}
