/** A token of Whisper's answer, or several that only together are whole characters. */
export interface WhisperToken {
  /** With its leading space where it begins a word. */
  readonly text: string
  /** Probability, 0–1; undefined where the library does not tell. */
  readonly p: number | undefined
  /** Summed log-probability of its `parts` raw tokens. */
  readonly logp: number | undefined
  readonly parts: number
  /** From the start of the samples, ms. Whisper's estimate, good to about 200 ms. */
  readonly startMs: number
  readonly endMs: number
}

export interface DecodeOptions {
  /** ISO 639-1 code, or `auto` on a multilingual model. */
  readonly language: string
  readonly threads: number
  /** Encoder frames of 20 ms; 0 is the whole window of 30 s. Ignored where it is not supported. */
  readonly audioCtx?: number
  /** One pass over the window, at most 30 s of samples. */
  readonly singleSegment?: boolean
  /** Decode again at a higher temperature where the result looks wrong. Default true. */
  readonly fallback?: boolean
}

/** A loaded model. One decode at a time. */
export interface WhisperModel {
  /**
   * Tokens of float samples at 16 kHz; undefined when abort() ended it.
   * @throws Error where the library fails
   */
  decode(
    samples: Float32Array,
    options: DecodeOptions,
  ): Promise<readonly WhisperToken[] | undefined>
  /** Ends the running decode at the library's next chance. */
  abort(): void
  free(): void
}

/** A way into libwhisper. */
export interface WhisperBinding {
  /** @throws Error where the file is not a model */
  load(modelPath: string): Promise<WhisperModel>
}

/** Which binding to use; plain data, as it goes to the whisper process. */
export type WhisperLibrary =
  | { readonly kind: 'native'; readonly path: string }
  /** Came with the app, for many machines: where it does not load, the prebuilt one stands in. */
  | { readonly kind: 'shipped'; readonly path: string }
  | { readonly kind: 'prebuilt' }
  /** For models of Moonshine's. */
  | { readonly kind: 'sherpa' }
