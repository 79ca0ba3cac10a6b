/** An error that says, in one sentence, what the user can do. */
export class ShownError extends Error {
  /** Stable, of the host; `unreachable`: the answer was lost. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ShownError'
    this.code = code
  }
}

/** The sentence for the user out of whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong. Try again.'
}
