import { join } from 'node:path'
import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { MOONSHINE_FILES } from '../model/moonshine-models.ts'
import { loadSherpa } from './sherpa.ts'
import type { WhisperBinding } from './whisper-binding.ts'
import { wordsByLetters } from './words-by-letters.ts'

/**
 * The library's threads spin while they wait for each other: two took more than twice the processor
 * of one (0.25 s for a second of audio against 0.12 s), and on a busy machine longer, too.
 */
const THREADS = 1

/**
 * Moonshine's models, run by `sherpa-onnx-node`. A decode takes as long as its audio is, not as a
 * window of 30 s; it runs off this thread and cannot be aborted. It tells words and nothing else: no
 * times, no probabilities.
 */
export function loadMoonshineBinding(): WhisperBinding {
  const sherpa = loadSherpa()
  return {
    async load(modelPath) {
      const { encoder, decoder, tokens } = MOONSHINE_FILES
      const recognizer = await sherpa.OfflineRecognizer.createAsync({
        featConfig: { sampleRate: SAMPLE_RATE_HZ },
        modelConfig: {
          moonshine: { encoder: join(modelPath, encoder), mergedDecoder: join(modelPath, decoder) },
          tokens: join(modelPath, tokens),
          numThreads: THREADS,
          provider: 'cpu',
        },
      })
      return {
        async decode(samples) {
          const stream = recognizer.createStream()
          stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE_HZ })
          const { text } = await recognizer.decodeAsync(stream)
          const tokens = wordsByLetters(text, samples)
          return { tokens, language: 'en' }
        },
        async detectLanguage() {
          throw new Error('Moonshine knows only English')
        },
        abort() {},
        free() {},
      }
    },
  }
}
