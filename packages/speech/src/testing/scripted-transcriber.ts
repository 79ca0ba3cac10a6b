import type { FakeTranscriber, TranscriberOptions } from './fake-deepgram-scribe.ts'
import { createFakeScribe } from './fake-deepgram-scribe.ts'
import type { HeardSound } from './scripted-speech.ts'
import { createScriptListener } from './scripted-speech.ts'

const STEP_SAMPLES = 320
const BYTES_PER_SAMPLE = 2

/**
 * Deepgram's messages for scripted speech (see scripted-speech.ts): each whole word under its own
 * name, wherever in the stream it lies, and `cut` for what is left of a word that was torn.
 */
export function createScriptedTranscriber(options: TranscriberOptions): FakeTranscriber {
  const scribe = createFakeScribe(options)
  const listener = createScriptListener()
  /** The first half of a sample whose other half is still to come. */
  let half: number | undefined

  const atBytes = () => listener.at * BYTES_PER_SAMPLE

  function note(sound: HeardSound | undefined): void {
    if (!sound) return
    const [start, end] = [sound.start * BYTES_PER_SAMPLE, sound.end * BYTES_PER_SAMPLE]
    scribe.addWord({ text: sound.text, start, end, confidence: 0.9 })
  }

  return {
    push(audio) {
      const said: object[] = []
      for (const byte of audio) {
        if (half === undefined) {
          half = byte
          continue
        }
        const wasInSound = listener.isInSound
        note(listener.hear((((byte << 8) | half) << 16) >> 16))
        half = undefined
        if (listener.isInSound && !wasInSound) {
          said.push(...scribe.beginSpeech(atBytes() - BYTES_PER_SAMPLE))
        }
        if (listener.at % STEP_SAMPLES === 0) {
          said.push(...scribe.advance(atBytes(), listener.isInSound))
        }
      }
      return said
    },
    finalize(fromFinalize) {
      note(listener.cut())
      return scribe.finalize(atBytes(), fromFinalize)
    },
  }
}
