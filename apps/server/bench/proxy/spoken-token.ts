/** Frames that one word stands for. */
export const FRAMES_PER_WORD = 5

/** A word of the fake Deepgram's: whose frames it stands for, and when it was said. */
export interface SpokenToken {
  readonly stream: number
  readonly firstFrame: number
  readonly frames: number
  /** µs; see nowUs(). */
  readonly saidAtUs: number
}

export function toWord({ stream, firstFrame, frames, saidAtUs }: SpokenToken): string {
  return `s${stream}x${firstFrame}n${frames}t${Math.round(saidAtUs)}`
}

/** Sentences begin with a capital. Undefined for a word that the fake Deepgram did not say. */
export function readWord(word: string): SpokenToken | undefined {
  const match = /^s(\d+)x(\d+)n(\d+)t(\d+)$/i.exec(word)
  if (!match) return undefined
  const [stream = 0, firstFrame = 0, frames = 0, saidAtUs = 0] = match.slice(1).map(Number)
  return { stream, firstFrame, frames, saidAtUs }
}
