import type { ServerMessage, TranscribeErrorCode } from '@saywire/protocol'
import { CLOSE_CODE_BY_ERROR, serverMessageSchema } from '@saywire/protocol'
import { SpeechError } from '../speech-error.ts'

/** Whether opening again later can help without the user doing anything. */
const RETRYABLE = {
  unauthenticated: false,
  insufficient_credits: false,
  account_blocked: false,
  ended_by_operator: false,
  too_many_connections: true,
  bad_message: false,
  frame_too_large: false,
  too_fast: false,
  upstream_lost: true,
  busy: true,
  server_draining: true,
  lease_lost: true,
  internal: true,
} as const satisfies Record<TranscribeErrorCode, boolean>

/** Of what a server says to the user. */
const SENTENCE_CHARS_MAX = 300

type WireError = Extract<ServerMessage, { type: 'error' }>

/** Undefined for what is not a message of this protocol's version: it is ignored. */
export function parseServerMessage(data: Buffer): ServerMessage | undefined {
  try {
    const parsed = serverMessageSchema.safeParse(JSON.parse(data.toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** @param startMs capture-clock position of the session's first sample */
export function errorFromMessage(message: WireError, startMs: number): SpeechError {
  return new SpeechError(message.code, message.message.slice(0, SENTENCE_CHARS_MAX), {
    retryable: RETRYABLE[message.code],
    ...(message.retry_after_ms === undefined ? {} : { retryAfterMs: message.retry_after_ms }),
    ...(message.resume_from_ms === undefined
      ? {}
      : { resumeFromMs: startMs + message.resume_from_ms }),
  })
}

/** For a socket that closed without an `error` message. */
export function errorFromClose(closeCode: number, what: string, resumeFromMs = 0): SpeechError {
  const code = errorCodes.find((candidate) => CLOSE_CODE_BY_ERROR[candidate] === closeCode)
  const message = `${what} (close code ${closeCode}).`
  if (code) return new SpeechError(code, message, { retryable: RETRYABLE[code], resumeFromMs })
  return new SpeechError('upstream_lost', message, { retryable: true, resumeFromMs })
}

const errorCodes = Object.keys(CLOSE_CODE_BY_ERROR) as TranscribeErrorCode[]
