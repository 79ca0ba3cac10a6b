import { createRequire } from 'node:module'
import { resolveNativePackage } from './native-package.ts'

/** What is used of `sherpa-onnx-node`: ONNX models, run by libraries that come with the package. */
export interface Sherpa {
  readonly Vad: new (config: object, bufferSeconds: number) => SherpaVad
  readonly OfflineRecognizer: {
    createAsync(config: object): Promise<SherpaRecognizer>
  }
}

/** A model that hears whole utterances. */
export interface SherpaRecognizer {
  createStream(): SherpaStream
  /** Off this thread. */
  decodeAsync(stream: SherpaStream): Promise<{ readonly text: string }>
}

export interface SherpaStream {
  acceptWaveform(audio: { readonly samples: Float32Array; readonly sampleRate: number }): void
}

/** Silero's model with its state, behind sherpa's way of making segments. */
export interface SherpaVad {
  acceptWaveform(samples: Float32Array): void
  isDetected(): boolean
  /** Ends the segment that is being spoken, and puts it into the queue. */
  flush(): void
  /** Empties the queue. */
  clear(): void
  /** As if it had heard nothing yet. */
  reset(): void
}

export const SHERPA_PACKAGE = 'sherpa-onnx-node'

/** @throws Error where the package is not installed, or has no library that loads here */
export function loadSherpa(): Sherpa {
  return createRequire(import.meta.url)(resolveNativePackage(SHERPA_PACKAGE)) as Sherpa
}
