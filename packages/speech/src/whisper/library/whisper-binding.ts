/** A token of Whisper's answer, or several that only together are whole characters. */
export interface WhisperToken {
  /** With its leading space where it begins a word. */
  readonly text: string
  /** Probability, 0–1; undefined where the library does not tell. */
  readonly p: number | undefined
  /** Summed log-probability of its `parts` raw tokens. */
  readonly logp: number | undefined
  readonly parts: number
  /** From the start of the samples, ms. Whisper's estimate, good to about 200 ms; to 30 ms where
   * `Decoded.aligned`. */
  readonly startMs: number
  readonly endMs: number
}

export interface DecodeOptions {
  /** ISO 639-1 code, or `auto` on a multilingual model. */
  readonly language: string
  readonly threads: number
  /** Encoder frames of 20 ms; 0 is the whole window of 30 s. Ignored where it is not supported. */
  readonly audioCtx?: number
  /** Where the text is cut at the latest; 0 is nowhere. Default 0. Ignored where it is not supported. */
  readonly maxTokens?: number
  /**
   * From so many tokens on, a text that goes in circles is ended; 0 is never. Default 0. Ignored where it is
   * not supported.
   */
  readonly loopTokens?: number
  /** One pass over the window, at most 30 s of samples. */
  readonly singleSegment?: boolean
  /** Decode again at a higher temperature where the result looks wrong. Default true. */
  readonly fallback?: boolean
  /**
   * What the text probably begins with: where it does, hearing that costs next to nothing. It changes nothing
   * of what is heard. Ignored where it is not supported.
   */
  readonly draft?: string
  /** What was said before, or words that may be said; Whisper keeps to its style and spelling. */
  readonly prompt?: string
  /** Into English, whatever the language. Needs a multilingual model. Default false. */
  readonly translate?: boolean
  /**
   * Also tell which language was heard, whichever was asked for. Costs one step of the text decoder
   * and no encoding. Needs a multilingual model; not every library can. Default false.
   */
  readonly detect?: boolean
  /**
   * Place the words by what the decoder listened to while it said them (cross-attention and dynamic time
   * warping), for one more pass of the text decoder. Not every library or model can. Default false.
   */
  readonly aligned?: boolean
}

export interface LanguageGuess {
  /** Whisper's code. */
  readonly language: string
  /** Probability, 0–1, among the languages of the model; undefined where the library does not tell. */
  readonly p: number | undefined
}

export interface Decoded {
  readonly tokens: readonly WhisperToken[]
  /** Whisper's code of the language that was heard or asked for; undefined where it does not tell. */
  readonly language: string | undefined
  /** Languages of the model, the surest first; undefined where `detect` was not asked for. */
  readonly guesses?: readonly LanguageGuess[] | undefined
  /** It went in circles, and was ended (`loopTokens`). */
  readonly looped?: boolean
  /** Its tokens are placed as `aligned` asked. */
  readonly aligned?: boolean
}

export interface DetectOptions {
  readonly threads: number
  /** As in DecodeOptions. */
  readonly audioCtx?: number
}

export interface LoadOptions {
  /** Use the GPU where the library is built for one and the machine has it. Default false. */
  readonly gpu?: boolean
}

/** A loaded model. One decode or detection at a time. */
export interface WhisperModel {
  /** Name of the GPU that it uses; undefined on the processor alone. */
  readonly gpu?: string | undefined
  /**
   * What was said in float samples at 16 kHz; undefined when abort() ended it.
   * @throws Error where the library fails, or the model cannot do what the options ask
   */
  decode(samples: Float32Array, options: DecodeOptions): Promise<Decoded | undefined>
  /**
   * Languages of the model, the surest first, by what is said first in the samples; undefined when
   * abort() ended it. Costs an encoding: where the same samples are decoded anyway, ask for `detect`.
   * @throws Error where the library fails, or the model knows only English
   */
  detectLanguage(
    samples: Float32Array,
    options: DetectOptions,
  ): Promise<readonly LanguageGuess[] | undefined>
  /** Ends the running decode or detection at the library's next chance. */
  abort(): void
  free(): void
}

/** A way into libwhisper. */
export interface WhisperBinding {
  /**
   * Name of the GPU that load() would use; undefined where the library is built without, or the machine
   * has none that starts. Its driver is asked, which takes a while and may crash the process.
   */
  usableGpu?(): string | undefined
  /** @throws Error where the file is not a model */
  load(modelPath: string, options?: LoadOptions): Promise<WhisperModel>
}

/** Which binding to use; plain data, as it goes to the whisper process. */
export type WhisperLibrary =
  | { readonly kind: 'native'; readonly path: string }
  /** Came with the app, for many machines: where it does not load, the prebuilt one stands in. */
  | { readonly kind: 'shipped'; readonly path: string }
  | { readonly kind: 'prebuilt' }
  /** For models of Moonshine's. */
  | { readonly kind: 'sherpa' }
