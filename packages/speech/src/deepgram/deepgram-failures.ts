import { SpeechError } from '../speech-error.ts'

const DEFAULT_RETRY_AFTER_MS = 5000
/** A longer wait is a mistake of somebody's, or a date, which nobody here reads. */
const MAX_RETRY_AFTER_MS = 600_000

/** How Deepgram, or what stands in its place, refused the upgrade to a WebSocket. */
export interface UpgradeRefusal {
  readonly status: number
  /** Deepgram's `dg-error` header: its own sentence about what is wrong. */
  readonly dgError: string | undefined
  readonly retryAfter: string | undefined
}

/** @param host host name and port, never the whole address: that could carry credentials */
export function errorFromRefusal(refusal: UpgradeRefusal, host: string): SpeechError {
  const { status } = refusal
  switch (status) {
    case 400:
      return new SpeechError('bad_config', `Deepgram refused the settings${reason(refusal)}`)
    case 401:
    case 403:
      return new SpeechError(
        'unauthenticated',
        'Deepgram refused the key. Check that it is right, active and allowed to use this model.',
      )
    case 402:
      return new SpeechError(
        'insufficient_credits',
        'The Deepgram account has no credit left. Add credit in the Deepgram console.',
      )
    // All settings travel in the address, and some proxies call a long address a long header.
    case 414:
    case 431:
      return new SpeechError(
        'bad_config',
        'The settings are too long for Deepgram: there are too many key terms. Remove some.',
      )
    case 429:
      return new SpeechError(
        'busy',
        'Deepgram takes no more streams for this project right now. Try again in a moment.',
        { retryable: true, retryAfterMs: retryAfterMs(refusal) },
      )
    default: {
      const message = `${host} did not open a Deepgram stream (HTTP ${status}).`
      if (status < 500) return new SpeechError('unreachable', `${message} Check the address.`)
      return new SpeechError('unreachable', `${message} Try again in a moment.`, {
        retryable: true,
        ...(refusal.retryAfter === undefined ? {} : { retryAfterMs: retryAfterMs(refusal) }),
      })
    }
  }
}

/** The network said no, or nothing at all. */
export function errorFromNetwork(cause: unknown, host: string): SpeechError {
  const code = (cause as { code?: unknown } | undefined)?.code
  const why = typeof code === 'string' ? ` (${code})` : ''
  const message = `Deepgram cannot be reached at ${host}${why}. Check the network and the address.`
  return new SpeechError('unreachable', message, { retryable: true, cause })
}

export function errorFromDialTimeout(host: string, dialTimeoutMs: number): SpeechError {
  const message = `Deepgram did not answer at ${host} within ${dialTimeoutMs / 1000} seconds.`
  return new SpeechError('unreachable', message, { retryable: true })
}

/**
 * The connection ended in the middle of a session.
 * @param code WebSocket close code; 1006 where the peer went away without a word
 * @param closeReason Deepgram's reason, of which only its code (`NET-0001`) is passed on
 */
export function errorFromClose(code: number, closeReason: string, resumeFromMs: number) {
  const deepgramCode = /^[A-Z]{2,8}-\d{4}/.exec(closeReason)?.[0]
  const codes = deepgramCode ? `${code}, ${deepgramCode}` : code
  const what =
    code === 1006 ? 'The connection to Deepgram was lost' : 'Deepgram closed the connection'
  const message = `${what} in the middle of the session (code ${codes}).`
  return new SpeechError('upstream_lost', message, { retryable: true, resumeFromMs })
}

export function errorFromGarbage(count: number, resumeFromMs: number): SpeechError {
  const message = `Deepgram sent ${count} messages that make no sense; the session was given up.`
  return new SpeechError('upstream_lost', message, { retryable: true, resumeFromMs })
}

/** The end of the stream was never confirmed: nobody knows whether its last words came. */
export function errorFromSilence(waitedMs: number, resumeFromMs: number): SpeechError {
  const message = `Deepgram did not answer the end of the session within ${waitedMs / 1000} seconds.`
  return new SpeechError('upstream_lost', message, { retryable: true, resumeFromMs })
}

function reason({ dgError }: UpgradeRefusal): string {
  const text = dgError?.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 200)
  return text ? `: ${text}` : '. Check the model and the language.'
}

function retryAfterMs({ retryAfter }: UpgradeRefusal): number {
  const seconds = Number(retryAfter)
  if (!(seconds > 0)) return DEFAULT_RETRY_AFTER_MS
  return Math.min(MAX_RETRY_AFTER_MS, seconds * 1000)
}
