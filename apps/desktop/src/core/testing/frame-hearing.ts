import type { SpeechEvent, Transcript, Word } from '@saywire/speech'
import { bytesToMs } from '@saywire/speech'

export const FRAME_MS = 20
export const FRAME_BYTES = 640

/**
 * What stands behind a connection, and may outlive it: hears one word in each frame of 20 ms, its
 * number, and keeps the finals that it said.
 */
export interface FrameHearing {
  readonly acceptedBytes: number
  hasHeard(number: number): boolean
  write(pcm: Uint8Array): void
  finalize(): void
  /** Where its words go from now on, after the finals that end behind the horizon. */
  attach(outlet: (event: SpeechEvent) => void, horizonMs?: number): void
}

/** Audio without a word is answered in pieces of this length. */
const WORDLESS_MS = 3000

/**
 * @param finalWords how many words each final has, in turn
 * @param answersAll audio without words has finals, too, which are empty
 */
export function createFrameHearing(
  startMs: number,
  finalWords: readonly number[],
  answersAll: boolean,
): FrameHearing {
  const finals: SpeechEvent[] = []
  let outlet: (event: SpeechEvent) => void = () => undefined
  let acceptedBytes = 0
  let heardBytes = 0
  let pending = new Uint8Array(0)
  let words: Word[] = []
  let answeredMs = startMs
  const numbers = new Set<number>()

  function hear(frame: Uint8Array): void {
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true)
    const wordMs = startMs + heardBytes / 32
    heardBytes += FRAME_BYTES
    numbers.add(number)
    if (number === 0) return answerSilence(wordMs + FRAME_MS)
    const text = String(number)
    words.push({ text, startMs: wordMs, endMs: wordMs + FRAME_MS, confidence: 1 })
    if (words.length >= (finalWords[finals.length % finalWords.length] ?? 1)) sayFinal(false)
    else outlet({ type: 'interim', ...transcript(words) })
  }

  function answerSilence(toMs: number): void {
    if (!answersAll || words.length > 0 || toMs - answeredMs < WORDLESS_MS) return
    const nothing = { text: '', confidence: 0, words: [], startMs: answeredMs, endMs: toMs }
    answeredMs = toMs
    outlet({ type: 'final', ...nothing, speechFinal: false })
  }

  function sayFinal(speechFinal: boolean): void {
    if (words.length === 0) return
    const final = { type: 'final', ...transcript(words), speechFinal } as const
    words = []
    answeredMs = final.endMs
    finals.push(final)
    outlet(final)
  }

  function tellUsage(): void {
    if (acceptedBytes > 0) outlet({ type: 'usage', audioMs: bytesToMs(acceptedBytes) })
  }

  return {
    get acceptedBytes() {
      return acceptedBytes
    },
    hasHeard: (number) => numbers.has(number),
    write(pcm) {
      acceptedBytes += pcm.byteLength
      pending = Buffer.concat([pending, pcm])
      for (; pending.byteLength >= FRAME_BYTES; pending = pending.subarray(FRAME_BYTES)) {
        hear(pending.subarray(0, FRAME_BYTES))
      }
      tellUsage()
    },
    finalize: () => sayFinal(true),
    attach(next, horizonMs = 0) {
      outlet = next
      for (const final of finals) {
        if (final.type === 'final' && final.endMs > horizonMs) outlet(final)
      }
      tellUsage()
    },
  }
}

function transcript(words: readonly Word[]): Transcript {
  return {
    text: words.map(({ text }) => text).join(' '),
    confidence: 1,
    words: [...words],
    startMs: words[0]?.startMs ?? 0,
    endMs: words.at(-1)?.endMs ?? 0,
  }
}
