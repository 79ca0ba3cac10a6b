/** Says of one frame after another whether somebody speaks. */
export interface VoiceDetector {
  /** Samples (16 kHz) of the frames that it takes. */
  readonly frameSamples: number
  /** The next frame: floats in [-1, 1), exactly `frameSamples` of them. */
  isSpeech(frame: Float32Array): boolean
  /** It is not used any more: another stream may have what it holds. */
  release?(): void
}
