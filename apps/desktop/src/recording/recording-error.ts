export type RecordingErrorCode =
  /** There is no such file. */
  | 'not_found'
  | 'not_readable'
  /** It is something else. */
  | 'not_a_recording'
  /** A later Saywire made it. */
  | 'too_new'
  /** A line in its middle is broken. */
  | 'damaged'

/** Why a recording cannot be replayed. The message is one sentence that tells what to do. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly code: RecordingErrorCode

  constructor(code: RecordingErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
