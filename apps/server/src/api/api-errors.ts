import type { ApiErrorCode } from '@saywire/protocol'
import { apiErrorCodeSchema } from '@saywire/protocol'
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server'
import { TRPCError } from '@trpc/server'
import { z, ZodError } from 'zod'
import { AppError } from '../app-error.ts'
import { isDatabaseUnavailable } from '../database/database.ts'

/** `error` of every answer that is one, on REST and (as `data.error`) on tRPC. */
export const apiErrorSchema = z.object({
  code: apiErrorCodeSchema,
  message: z.string().meta({ description: 'For the user.' }),
  /** What is wrong with which field of the input. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retry_after_ms: z.int().optional(),
})
export type ApiError = z.infer<typeof apiErrorSchema>

/** Where an error code stops being ours and becomes a transport's. */
export const STATUS_BY_CODE = {
  bad_request: { http: 400, trpc: 'BAD_REQUEST' },
  unauthenticated: { http: 401, trpc: 'UNAUTHORIZED' },
  invalid_credentials: { http: 401, trpc: 'UNAUTHORIZED' },
  account_blocked: { http: 403, trpc: 'FORBIDDEN' },
  forbidden: { http: 403, trpc: 'FORBIDDEN' },
  not_found: { http: 404, trpc: 'NOT_FOUND' },
  email_taken: { http: 409, trpc: 'CONFLICT' },
  payload_too_large: { http: 413, trpc: 'PAYLOAD_TOO_LARGE' },
  rate_limited: { http: 429, trpc: 'TOO_MANY_REQUESTS' },
  buying_off: { http: 503, trpc: 'SERVICE_UNAVAILABLE' },
  busy: { http: 503, trpc: 'SERVICE_UNAVAILABLE' },
  unavailable: { http: 503, trpc: 'SERVICE_UNAVAILABLE' },
  server_draining: { http: 503, trpc: 'SERVICE_UNAVAILABLE' },
  internal: { http: 500, trpc: 'INTERNAL_SERVER_ERROR' },
} as const satisfies Record<ApiErrorCode, { http: number; trpc: TRPC_ERROR_CODE_KEY }>

/** What tRPC itself refuses, before any code of ours runs. */
const CODE_BY_TRPC: Partial<Record<TRPC_ERROR_CODE_KEY, ApiErrorCode>> = {
  PARSE_ERROR: 'bad_request',
  BAD_REQUEST: 'bad_request',
  UNSUPPORTED_MEDIA_TYPE: 'bad_request',
  METHOD_NOT_SUPPORTED: 'bad_request',
  NOT_FOUND: 'not_found',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNAUTHORIZED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
}

/** What the caller may know about a failure: nothing of one that nobody expected. */
export function toApiError(error: unknown): ApiError {
  const cause = error instanceof TRPCError ? (error.cause ?? error) : error
  if (cause instanceof AppError) {
    const { code, message, retryAfterMs } = cause
    return { code, message, ...(retryAfterMs ? { retry_after_ms: retryAfterMs } : {}) }
  }
  if (isDatabaseUnavailable(cause)) {
    const message = 'The database does not answer. Try again shortly.'
    return { code: 'unavailable', message, retry_after_ms: 2000 }
  }
  const code = error instanceof TRPCError ? CODE_BY_TRPC[error.code] : undefined
  if (code === 'bad_request' && cause instanceof ZodError) {
    const issues = cause.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
    const first = issues[0]
    return { code, message: first ? `${first.path}: ${first.message}` : 'Wrong input.', issues }
  }
  if (code && error instanceof TRPCError) return { code, message: error.message }
  return { code: 'internal', message: 'Something went wrong on the server. Try again.' }
}
