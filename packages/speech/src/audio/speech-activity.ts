import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { createBand } from './band.ts'
import { createNoiseFloor } from './noise-floor.ts'

/** What is measured at once: two blocks of 10 ms, moved on by one. */
const BLOCK_SAMPLES = (SAMPLE_RATE_HZ * 10) / 1000
/** Blocks above the noise among the last `EVIDENCE_OF` that make speech: a click is shorter. */
const EVIDENCE_BLOCKS = 3
const EVIDENCE_OF = 8
/** After the last block above the noise: the closure of a stop consonant, the end of a breath. */
const DEFAULT_HANGOVER_MS = 200

export interface SpeechActivityOptions {
  /** How long speech is taken to go on after the last sound above the noise, ms. Default 200. */
  readonly hangoverMs?: number
}

/** Tells sound that may be speech from silence and from steady noise. */
export interface SpeechActivity {
  /**
   * The next audio: PCM s16le, 16 kHz, mono, any whole number of samples (20 ms is usual); the
   * verdict does not depend on how audio is cut into frames.
   * @returns true while this frame may hold speech
   */
  hear(frame: Uint8Array): boolean
}

/**
 * Whether somebody may be speaking, for a decision where a lost word is worse than a second of
 * noise that passes for speech: whatever stands out of the steady noise in any of three bands of
 * frequency counts. Vowels do in the low and the middle one, and at the start of a word "s", "f"
 * or "t" in the high one, where a fan is weakest. What the noise is, is learned in the quietest
 * moments of the last seconds, band by band; digital silence and hum are never speech. Music,
 * keys and other people are. About a millisecond of work per second of audio; hear() allocates nothing.
 *
 * The detector in front of Whisper, which must not hear words in noise, errs on the other side.
 */
export function createSpeechActivity({
  hangoverMs = DEFAULT_HANGOVER_MS,
}: SpeechActivityOptions = {}): SpeechActivity {
  const bands = [
    { band: createBand('band-pass', 350, 0.6), floor: createNoiseFloor(), aboveNoise: 4 },
    { band: createBand('band-pass', 1400, 0.7), floor: createNoiseFloor(), aboveNoise: 2.8 },
    { band: createBand('high-pass', 2800, 0.7), floor: createNoiseFloor(), aboveNoise: 2.2 },
  ]
  const hangoverBlocks = Math.ceil((hangoverMs * SAMPLE_RATE_HZ) / 1000 / BLOCK_SAMPLES)
  const block = new Float32Array(BLOCK_SAMPLES)
  let samplesInBlock = 0
  let recent = 0
  let blocksLeft = 0

  function endBlock(): void {
    let stands = 0
    for (const { band, floor, aboveNoise } of bands) {
      const power = band.measure(block)
      if (power > floor.power * aboveNoise) stands = 1
      floor.follow(power)
    }
    recent = ((recent << 1) | stands) & ((1 << EVIDENCE_OF) - 1)
    if (bitCount(recent) >= EVIDENCE_BLOCKS) blocksLeft = hangoverBlocks
    else if (blocksLeft > 0) blocksLeft -= 1
  }

  return {
    hear(frame) {
      let heard = blocksLeft > 0
      let filled = samplesInBlock
      for (let at = 0; at + 1 < frame.byteLength; at += 2) {
        const sample = (((frame[at + 1] as number) << 24) >> 16) | (frame[at] as number)
        block[filled++] = sample / 32768
        if (filled < BLOCK_SAMPLES) continue
        filled = 0
        endBlock()
        heard ||= blocksLeft > 0
      }
      samplesInBlock = filled
      return heard
    },
  }
}

function bitCount(bits: number): number {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count += 1
  return count
}
