import { createRequire } from 'node:module'
import type { Segment, Whisper, WhisperFullParams, WhisperSamplingStrategy } from '@napi-rs/whisper'
import type { WhisperBinding, WhisperToken } from './whisper-binding.ts'

interface PrebuiltModule {
  readonly Whisper: typeof Whisper
  readonly WhisperFullParams: typeof WhisperFullParams
  readonly WhisperSamplingStrategy: typeof WhisperSamplingStrategy
}

const require = createRequire(import.meta.url)

/** Whether `@napi-rs/whisper` has a library for this platform. */
export function hasPrebuiltBinding(): boolean {
  try {
    require('@napi-rs/whisper')
    return true
  } catch {
    return false
  }
}

/**
 * `@napi-rs/whisper`, for machines without a compiler. An older library, about a third slower, that
 * blocks its process while it decodes, cannot be aborted and gives no probabilities.
 */
export function loadPrebuiltBinding(): WhisperBinding {
  const library = require('@napi-rs/whisper') as PrebuiltModule
  return {
    async load(modelPath) {
      const model = new library.Whisper(modelPath, { useGpu: false })
      return {
        async decode(samples, options) {
          const params = new library.WhisperFullParams(library.WhisperSamplingStrategy.Greedy)
          params.language = options.language
          params.nThreads = options.threads
          params.singleSegment = options.singleSegment ?? false
          params.audioCtx = options.audioCtx ?? 0
          params.noContext = true
          params.printProgress = false
          params.printRealtime = false
          params.printTimestamps = false
          // A segment for each word is how this library tells when a word was said.
          params.tokenTimestamps = true
          params.maxLen = 1
          params.splitOnWord = true
          const words: Segment[] = []
          params.onNewSegment = (segment: Segment) => words.push(segment)
          model.full(params, samples)
          // The segments arrive through the event loop, after full() has returned.
          await new Promise((resolve) => setImmediate(resolve))
          return words.filter((word) => word.text !== '').map(toToken)
        },
        abort() {},
        free() {},
      }
    },
  }
}

function toToken({ text, start, end }: Segment): WhisperToken {
  return {
    text: ` ${text.trim()}`,
    p: undefined,
    logp: undefined,
    parts: 1,
    startMs: start * 10,
    endMs: end * 10,
  }
}
