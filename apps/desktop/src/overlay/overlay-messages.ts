import type { CaptionState, OverlayStyle } from '@saywire/overlay'

/** Data of the `captions` events of `/captions`. */
export interface CaptionsMessage {
  /** The server's clock as the event was sent: that of the captions' times, ms. */
  readonly nowMs: number
  readonly captions: CaptionState
}

/** Data of the `look` events of `/captions`. */
export interface LookMessage {
  readonly style: OverlayStyle
}

/** The answer of `/clock`. */
export interface ClockMessage {
  /** The server's clock, ms. */
  readonly nowMs: number
}

/** Events painted that one report may name. */
export const PAINTS_MAX = 20
