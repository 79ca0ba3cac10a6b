import { createRequire } from 'node:module'
import type { MachineMeasure } from '../fit/machine-measure.ts'
import type {
  Decoded,
  LanguageGuess,
  LoadOptions,
  WhisperBinding,
  WhisperToken,
} from './whisper-binding.ts'

interface Transcript {
  readonly language: string
  readonly tokens: readonly WhisperToken[]
  readonly guesses: readonly LanguageGuess[]
  readonly looped: boolean
  readonly aligned: boolean
}

interface NativeModel {
  readonly gpu: string | undefined
  transcribe(samples: Float32Array, options: object): Promise<Transcript | undefined>
  detectLanguage(
    samples: Float32Array,
    options: object,
  ): Promise<readonly LanguageGuess[] | undefined>
  abort(): void
  free(): void
}

interface NativeAddon {
  usableGpu(): string | undefined
  load(modelPath: string, options: LoadOptions): Promise<NativeModel>
  measure(threads: number): Promise<MachineMeasure>
}

/** Our own addon over libwhisper (`native/addon.cc`), as built by `ensureWhisperLibrary()`. */
export function loadNativeBinding(addonPath: string): WhisperBinding {
  const addon = loadAddon(addonPath)
  return {
    usableGpu: () => addon.usableGpu(),
    async load(modelPath, options = {}) {
      if (!options.gpu) startNoVulkan()
      const model = await addon.load(modelPath, options)
      return {
        gpu: model.gpu,
        async decode(samples, options) {
          const transcript = await model.transcribe(samples, options)
          return transcript && toDecoded(transcript)
        },
        detectLanguage: async (samples, detection) => model.detectLanguage(samples, detection),
        abort: () => model.abort(),
        free: () => model.free(),
      }
    },
  }
}

/**
 * So much too early whisper.cpp places words (median of 322 against a forced aligner, see the bench of the
 * local engine), ms.
 */
const EARLY_MS = 90

function inItsPlace({ text, p, logp, parts, startMs, endMs }: WhisperToken): WhisperToken {
  return { text, p, logp, parts, startMs: startMs + EARLY_MS, endMs: endMs + EARLY_MS }
}

function toDecoded({ language, tokens, guesses, looped, aligned }: Transcript): Decoded {
  return {
    tokens: aligned ? tokens : tokens.map(inItsPlace),
    aligned,
    language,
    guesses: guesses.length === 0 ? undefined : guesses,
    looped,
  }
}

/** What the processor computes, in a second or two, with this process's priority (`native/measure.cc`). */
export async function measureNatively(addonPath: string, threads: number): Promise<MachineMeasure> {
  startNoVulkan()
  return loadAddon(addonPath).measure(threads)
}

/**
 * Else its driver is started although no GPU is wanted, and may be what crashes. Once per process: before
 * whisper.cpp first looks for devices.
 */
function startNoVulkan(): void {
  process.env['GGML_DISABLE_VULKAN'] ??= '1'
}

function loadAddon(addonPath: string): NativeAddon {
  // libgomp reads it when the addon brings it in. Threads that wait must leave the processor to
  // the game and the encoder beside us; spinning would gain nothing measurable.
  process.env['OMP_WAIT_POLICY'] ??= 'passive'
  return createRequire(import.meta.url)(addonPath) as NativeAddon
}
