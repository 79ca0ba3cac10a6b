import { z } from 'zod'

/** Codes of `{type:"error"}` messages on `/ws/transcribe`. */
export const transcribeErrorCodeSchema = z.enum([
  'unauthenticated',
  'insufficient_credits',
  'account_blocked',
  'ended_by_operator',
  'too_many_connections',
  'bad_message',
  'frame_too_large',
  'too_fast',
  'upstream_lost',
  'busy',
  'server_draining',
  'lease_lost',
  'internal',
])
export type TranscribeErrorCode = z.infer<typeof transcribeErrorCodeSchema>

/** Codes of `{error: {code, message}}` answers on HTTP (REST and tRPC). */
export const apiErrorCodeSchema = z.enum([
  'bad_request',
  'unauthenticated',
  'invalid_credentials',
  'account_blocked',
  'forbidden',
  'not_found',
  'email_taken',
  'buying_off',
  'payload_too_large',
  'rate_limited',
  'busy',
  'unavailable',
  'server_draining',
  'internal',
])
export type ApiErrorCode = z.infer<typeof apiErrorCodeSchema>
