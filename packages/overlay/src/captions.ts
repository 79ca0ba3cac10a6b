import { OVERLAY_STYLE_RANGES } from './style-values.ts'

/** As many captions as any style shows. */
export const CAPTIONS_MAX = OVERLAY_STYLE_RANGES.maxLines.max

/** Words on screen. */
export interface Caption {
  /** Rising; stays the same while a guess grows and becomes final. */
  readonly id: number
  readonly text: string
  /** Of a guess: its first characters that will not change any more. Default: none of them. */
  readonly settledChars?: number
  /** On the capture clock, ms. */
  readonly startMs: number
  /** On the capture clock, ms. */
  readonly endMs: number
  /** When its first words were published, on the publisher's clock, ms. */
  readonly appearedAtMs: number
  /** When its words changed last, on the publisher's clock, ms. */
  readonly changedAtMs: number
}

/** Everything that an overlay may show: small, complete, and the same for every overlay. */
export interface CaptionState {
  /** The last final captions, oldest first. */
  readonly lines: readonly Caption[]
  /** What is being said now; null where nothing is. */
  readonly interim: Caption | null
  /** Captioning was stopped: what is shown is the last of it. */
  readonly ended: boolean
}

export const noCaptions: CaptionState = { lines: [], interim: null, ended: false }
