import type { ApiErrorCode } from '@saywire/protocol'

/**
 * A failure that the caller is told about. Services throw it; only the edges (REST, tRPC) turn it
 * into a status. Its message is for the user: what happened, what to do next, no secrets.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ApiErrorCode
  /** Present where trying again later can help. */
  readonly retryAfterMs: number | undefined

  constructor(code: ApiErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}
