import { createRequire } from 'node:module'
import type { MachineMeasure } from '../fit/machine-measure.ts'
import type { WhisperBinding, WhisperToken } from './whisper-binding.ts'

interface NativeModel {
  transcribe(
    samples: Float32Array,
    options: object,
  ): Promise<readonly { readonly tokens: readonly WhisperToken[] }[] | undefined>
  abort(): void
  free(): void
}

interface NativeAddon {
  load(modelPath: string): Promise<NativeModel>
  measure(threads: number): Promise<MachineMeasure>
}

/** Our own addon over libwhisper (`native/addon.cc`), as built by `ensureWhisperLibrary()`. */
export function loadNativeBinding(addonPath: string): WhisperBinding {
  const addon = loadAddon(addonPath)
  return {
    async load(modelPath) {
      const model = await addon.load(modelPath)
      return {
        async decode(samples, options) {
          const segments = await model.transcribe(samples, options)
          return segments?.flatMap((segment) => segment.tokens)
        },
        abort: () => model.abort(),
        free: () => model.free(),
      }
    },
  }
}

/** Computes for a second or two, with this process's priority (`native/measure.cc`). */
export async function measureNatively(addonPath: string, threads: number): Promise<MachineMeasure> {
  return loadAddon(addonPath).measure(threads)
}

function loadAddon(addonPath: string): NativeAddon {
  // libgomp reads it when the addon brings it in. Threads that wait must leave the processor to
  // the game and the encoder beside us; spinning would gain nothing measurable.
  process.env['OMP_WAIT_POLICY'] ??= 'passive'
  return createRequire(import.meta.url)(addonPath) as NativeAddon
}
