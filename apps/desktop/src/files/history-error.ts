export type HistoryErrorCode =
  /** There is no such session, or not any more. */
  | 'not_found'
  /** It is being written. */
  | 'in_use'
  /** The file is there, but it is no session of ours. */
  | 'unreadable'

/** Why a session of the history cannot be had. The message is one sentence for the user. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
  readonly code: HistoryErrorCode

  constructor(code: HistoryErrorCode) {
    super(MESSAGES[code])
    this.code = code
  }
}

const MESSAGES = {
  not_found: 'This session is not in the history any more.',
  in_use: 'This session is running: stop it first.',
  unreadable: 'The file of this session cannot be read; it may be damaged.',
} as const satisfies Record<HistoryErrorCode, string>
