import type { CaptionState, OverlayStyle } from '@saywire/overlay'

/** What the WebSocket of `/captions` sends. */
export type StreamMessage = LookMessage | CaptionsMessage

/** All that there is to show. */
export interface CaptionsMessage {
  readonly type: 'captions'
  /** Of this run of the server: another has other captions and another clock. */
  readonly runId: string
  /** What the page calls this message when it says that it has painted it. */
  readonly eventId: string
  /** The server's clock as the message was sent: that of the captions' times, ms. */
  readonly nowMs: number
  readonly captions: CaptionState
}

/** How the overlay looks, from now on. */
export interface LookMessage {
  readonly type: 'look'
  readonly style: OverlayStyle
}

/** The answer of `/clock`. */
export interface ClockMessage {
  /** The server's clock, ms. */
  readonly nowMs: number
}

/** Events painted that one report may name. */
export const PAINTS_MAX = 20
