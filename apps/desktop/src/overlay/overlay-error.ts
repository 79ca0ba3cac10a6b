export type OverlayErrorCode =
  /** Another program listens on the port. */
  | 'port_taken'
  /** There is no such port, or the system does not let this user listen on it. */
  | 'port_refused'
  /** The overlay page was not built. */
  | 'page_missing'
  /** A file that was offered as a font is not one, or too large, or there are too many. */
  | 'font_refused'

/** Why there is no overlay, or not that font. One sentence that tells the user what to do. */
export class OverlayError extends Error {
  override readonly name = 'OverlayError'
  readonly code: OverlayErrorCode

  constructor(code: OverlayErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
