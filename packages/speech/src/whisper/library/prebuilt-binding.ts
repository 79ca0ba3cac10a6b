import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Segment, Whisper, WhisperFullParams, WhisperSamplingStrategy } from '@napi-rs/whisper'
import { tryToLoad } from './loadable.ts'
import { resolveNativePackage } from './native-package.ts'
import type {
  DetectOptions,
  LanguageGuess,
  WhisperBinding,
  WhisperToken,
} from './whisper-binding.ts'

interface PrebuiltModule {
  readonly Whisper: typeof Whisper
  readonly WhisperFullParams: typeof WhisperFullParams
  readonly WhisperSamplingStrategy: typeof WhisperSamplingStrategy
}

const PACKAGE = '@napi-rs/whisper'
const WORDS_TIMEOUT_MS = 5000
const ONLY_ENGLISH = 'the model knows only English'
/** From large-v3 on Cantonese has a word of its own; to older models it is Chinese. */
const VOCABULARY_WITH_CANTONESE = 51_866

/** Whether `@napi-rs/whisper` has a library for this platform; not loaded into this process. */
export async function hasPrebuiltBinding(): Promise<boolean> {
  try {
    return (await tryToLoad(resolveNativePackage(PACKAGE))) === undefined
  } catch {
    return false
  }
}

/**
 * `@napi-rs/whisper`, for machines without a compiler. An older library, about a third slower, that
 * blocks its process while it decodes, cannot be aborted and gives no probabilities.
 */
export function loadPrebuiltBinding(): WhisperBinding {
  if (process.platform === 'linux') offerCppLibrary()
  const library = createRequire(import.meta.url)(resolveNativePackage(PACKAGE)) as PrebuiltModule

  function detect(model: Whisper, samples: Float32Array, options: DetectOptions): LanguageGuess[] {
    if (!model.isMultilingual) throw new Error(ONLY_ENGLISH)
    const params = new library.WhisperFullParams(library.WhisperSamplingStrategy.Greedy)
    params.language = 'auto'
    params.detectLanguage = true
    params.nThreads = options.threads
    params.audioCtx = inSteps(options.audioCtx)
    params.printProgress = false
    model.full(params, samples)
    const language = library.Whisper.lang(model.fullLangId)
    if (language === null) throw new Error('the prebuilt library names no language')
    return [{ language, p: undefined }]
  }

  return {
    async load(modelPath) {
      const model = new library.Whisper(modelPath, { useGpu: false })
      return {
        async decode(samples, options) {
          const isEnglish = options.language === 'en' && options.translate !== true
          if (!model.isMultilingual && !isEnglish) throw new Error(ONLY_ENGLISH)
          // It tells nothing of other languages after a decode: an encoding more than elsewhere.
          const guesses = options.detect ? detect(model, samples, options) : undefined
          const params = new library.WhisperFullParams(library.WhisperSamplingStrategy.Greedy)
          params.language = languageOf(options.language, model.modelNVocab)
          params.nThreads = options.threads
          params.singleSegment = options.singleSegment ?? false
          params.audioCtx = inSteps(options.audioCtx)
          params.maxTokens = options.maxTokens ?? 0
          params.translate = options.translate ?? false
          if (options.prompt) params.initialPrompt = options.prompt
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
          const text = model.full(params, samples)
          await allHere(words, text)
          return {
            tokens: words.filter((word) => word.text.trim() !== '').map(toToken),
            language: library.Whisper.lang(model.fullLangId) ?? undefined,
            guesses,
          }
        },
        detectLanguage: async (samples, options) => detect(model, samples, options),
        abort() {},
        free() {},
      }
    },
  }
}

/** It computes in such steps, and hears again what an earlier decode left in a window that is no multiple. */
function inSteps(audioCtx = 0): number {
  const WINDOW_STEP = 256
  return Math.min(1500, Math.ceil(audioCtx / WINDOW_STEP) * WINDOW_STEP)
}

/**
 * The package's build for Linux leaves it to its host to have brought libstdc++, as Node does;
 * Electron does not. It stays loaded after the error that it is no module of Node's.
 */
function offerCppLibrary(): void {
  try {
    const flags = constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL
    process.dlopen({ exports: {} }, 'libstdc++.so.6', flags)
  } catch {
    // As said; and where the system has none, loading the library tells.
  }
}

/** The words arrive through the event loop, some time after the text that they make up. */
async function allHere(words: readonly Segment[], text: string): Promise<void> {
  const wanted = letters(text)
  const deadline = performance.now() + WORDS_TIMEOUT_MS
  while (letters(words.map((word) => word.text).join('')) < wanted) {
    if (performance.now() > deadline) throw new Error('the prebuilt library lost words')
    await sleep(2)
  }
}

function letters(text: string): number {
  return text.replaceAll(/\s/g, '').length
}

function languageOf(language: string, vocabulary: number): string {
  return language === 'yue' && vocabulary < VOCABULARY_WITH_CANTONESE ? 'zh' : language
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
