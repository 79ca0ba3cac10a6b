export type OverlayErrorCode =
  /** Another program listens on the port. */
  | 'port_taken'
  /** There is no such port, or the system does not let this user listen on it. */
  | 'port_refused'

/** Why there is no overlay. The message is one sentence that tells the user what to do. */
export class OverlayError extends Error {
  override readonly name = 'OverlayError'
  readonly code: OverlayErrorCode

  constructor(code: OverlayErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
