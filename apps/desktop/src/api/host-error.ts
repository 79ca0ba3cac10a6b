export type HostErrorCode =
  /** It cannot be done as things stand; the message says what is missing. */
  | 'not_possible'
  /** What it is about is not there (any more). */
  | 'not_found'
  /** Something outside (a file, a program, a service) refused. */
  | 'refused'

/** Why the host did not do what it was asked. The message is one sentence for the user. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: HostErrorCode

  constructor(code: HostErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
