import type { TranscribeErrorCode } from './error-codes.ts'

/** Close codes of the WebSockets that no error code maps to. */
export const CLOSE_DONE = 1000
export const CLOSE_AUTH_TIMEOUT = 4408

/** What each error closes the socket with. A new error code does not compile until it has one. */
export const CLOSE_CODE_BY_ERROR = {
  unauthenticated: 4401,
  insufficient_credits: 4402,
  account_blocked: 4403,
  ended_by_operator: 4410,
  too_many_connections: 4429,
  bad_message: 4400,
  frame_too_large: 4413,
  too_fast: 4429,
  upstream_lost: 4502,
  busy: 1013,
  server_draining: 1012,
  lease_lost: 4409,
  internal: 1011,
} as const satisfies Record<TranscribeErrorCode, number>
