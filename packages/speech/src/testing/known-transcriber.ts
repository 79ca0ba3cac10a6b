import type { Word } from '../speech-event.ts'
import type { FakeTranscriber, TranscriberOptions } from './fake-deepgram-scribe.ts'
import { createFakeScribe } from './fake-deepgram-scribe.ts'

/**
 * Deepgram's messages about real speech that somebody else has heard: each word once its end has
 * been received. For streams that begin where `words` begin.
 */
export function createKnownTranscriber(
  words: readonly Word[],
): (options: TranscriberOptions) => FakeTranscriber {
  return (options) => {
    const { bytesPerMs } = options
    const scribe = createFakeScribe(options)
    let heard = 0
    let next = 0

    function hearOut(): void {
      for (let word = words[next]; word && word.endMs * bytesPerMs <= heard; word = words[next]) {
        const { text, startMs, endMs, confidence } = word
        scribe.addWord({ text, start: startMs * bytesPerMs, end: endMs * bytesPerMs, confidence })
        next++
      }
    }

    return {
      push(audio) {
        heard += audio.byteLength
        hearOut()
        const word = words[next]
        return scribe.advance(heard, word !== undefined && word.startMs * bytesPerMs < heard)
      },
      finalize: (fromFinalize) => scribe.finalize(heard, fromFinalize),
    }
  }
}
