import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { DecodeOptions } from '../library/whisper-binding.ts'

/** Positions of the encoder's window: for each second, and all there are. */
const POSITIONS_PER_S = 50
const WHOLE = 1500
/** The library takes windows in steps of so many positions, but with a GPU. */
export const WINDOW_STEP = 32
/** What a decode is for; `doubtful`: a final once more, of which the decoder was not sure. */
export type DecodeKind = 'interim' | 'final' | 'doubtful'
/** The fewest positions that hold no loops; with a quarter of all, short words are as clear as with all. */
const LEAST: Readonly<Record<DecodeKind, number>> = { interim: 128, final: 128, doubtful: 384 }
/** Silence behind the audio, s, without which Whisper loses the last word. A guess may lose it. */
const ROOM_S: Readonly<Record<DecodeKind, number>> = { interim: 0.6, final: 1, doubtful: 1 }
/**
 * Nobody says more; what does not end by then is a loop, which would take seconds. Whisper has short
 * tokens for scripts other than ours.
 */
const TOKENS_PER_S = { english: 8, other: 30 }
/** A phrase said twice by then was said quicker than people talk. */
const LOOP_TOKENS_PER_S = { english: 5, other: 20 }
const LEAST_TOKENS = 10

type DecodeLimits = Required<
  Pick<DecodeOptions, 'audioCtx' | 'maxTokens' | 'loopTokens' | 'singleSegment' | 'fallback'>
>

/**
 * A window as long as its audio, and no more text than can be said in it: the encoder's work is as long as
 * the window. What the decoder then says twice, because it does not see that the speech has ended, spokenWords()
 * leaves out. Nothing is decoded again at a higher temperature, as Whisper's own rule has it: what comes of that
 * is mostly made up.
 * @param language Whisper's code
 */
export function fittedWindow(
  sampleCount: number,
  language: string,
  kind: DecodeKind,
): DecodeLimits {
  const seconds = sampleCount / SAMPLE_RATE_HZ
  const positions = Math.ceil((seconds + ROOM_S[kind]) * POSITIONS_PER_S)
  const script = language === 'en' ? 'english' : 'other'
  return {
    audioCtx: Math.min(WHOLE, Math.max(LEAST[kind], positions)),
    maxTokens: Math.ceil(LEAST_TOKENS + TOKENS_PER_S[script] * seconds),
    loopTokens: Math.ceil(LOOP_TOKENS_PER_S[script] * seconds),
    singleSegment: true,
    fallback: false,
  }
}
