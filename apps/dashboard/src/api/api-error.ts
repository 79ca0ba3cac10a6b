import type { ApiErrorCode } from '@saywire/protocol'

/** An error as this page shows it: of the server, or of the way to it. */
export interface ShownError {
  /** `unreachable`: the request or its answer was lost. */
  readonly code: ApiErrorCode | 'unreachable'
  readonly message: string
  /** What is wrong with which field; empty when no single field is to blame. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]
  readonly retryAfterMs: number | undefined
}

interface WireError {
  readonly code: ApiErrorCode
  readonly message: string
  readonly issues?: ShownError['issues']
  readonly retry_after_ms?: number
}

/** Reads what the server said out of whatever was thrown. */
export function toShownError(error: unknown): ShownError {
  const wire = wireErrorOf(error)
  if (wire) {
    const { code, message, issues = [], retry_after_ms: retryAfterMs } = wire
    return { code, message, issues, retryAfterMs }
  }
  return {
    code: 'unreachable',
    message: 'The server did not answer. Check your connection, then try again.',
    issues: [],
    retryAfterMs: undefined,
  }
}

/** Worth another try by itself: nothing that the user or this page asked wrongly. */
export function isPassing(error: unknown): boolean {
  const passing: readonly ShownError['code'][] = [
    'unreachable',
    'busy',
    'unavailable',
    'server_draining',
  ]
  return passing.includes(toShownError(error).code)
}

function wireErrorOf(error: unknown): WireError | undefined {
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined
  const data = error.data as { error?: WireError } | null | undefined
  return data?.error
}
