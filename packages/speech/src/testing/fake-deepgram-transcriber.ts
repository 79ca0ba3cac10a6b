import { createHash } from 'node:crypto'
import type { FakeTranscriber, TranscriberOptions } from './fake-deepgram-scribe.ts'
import { createFakeScribe } from './fake-deepgram-scribe.ts'

/** One word per window of audio that is not digital silence. */
const WINDOW_MS = 100

/**
 * Deepgram's messages for a stream of PCM, as a pure function of its bytes: a word is named after
 * the position and the content of its window, so audio that was lost, doubled, swapped or shifted
 * gives other words. How the bytes were cut into messages makes no difference.
 */
export function createFakeTranscriber(options: TranscriberOptions): FakeTranscriber {
  const { bytesPerMs } = options
  const scribe = createFakeScribe(options)
  const window = new Uint8Array(WINDOW_MS * bytesPerMs)
  let filled = 0
  let at = 0

  /** Hears one window; only one that finalize() cuts is shorter than `WINDOW_MS`. */
  function hear(bytes: Uint8Array): object[] {
    const said: object[] = []
    const start = at
    at += bytes.byteLength
    if (bytes.some((byte) => byte !== 0)) {
      said.push(...scribe.beginSpeech(start))
      const hash = createHash('sha1').update(bytes).digest('hex').slice(0, 8)
      const confidence = 0.5 + Number.parseInt(hash.slice(0, 2), 16) / 512
      const text = `w${Math.floor(start / bytesPerMs)}x${hash}`
      scribe.addWord({ text, start, end: at, confidence })
    }
    return [...said, ...scribe.advance(at)]
  }

  return {
    push(audio) {
      const said: object[] = []
      for (let taken = 0; taken < audio.byteLength;) {
        const take = Math.min(window.byteLength - filled, audio.byteLength - taken)
        window.set(audio.subarray(taken, taken + take), filled)
        filled += take
        taken += take
        if (filled < window.byteLength) continue
        filled = 0
        said.push(...hear(window))
      }
      return said
    },
    finalize(fromFinalize) {
      const said = filled > 0 ? hear(window.subarray(0, filled)) : []
      filled = 0
      return [...said, ...scribe.finalize(at, fromFinalize)]
    },
  }
}
