import type {
  ServerMessage,
  SessionEndReason,
  TranscribeErrorCode,
  TranscriptMessage,
} from '@saywire/protocol'
import type { SpeechError, SpeechErrorCode, SpeechEvent, Transcript } from '@saywire/speech'
import type { LoginEnd } from '../accounts/devices.ts'
import type { LossReason } from '../billing/kept-lease.ts'

/** What a client is told wherever in a session's life it happens. */
export const NO_CREDIT = 'Your credit is used up. Get more to go on.'
/** Also for moments after the server of that session has died. */
export const CREDIT_IN_USE =
  'What you have left is held by another session. End that one, or buy more.'
export const NOT_OURS =
  'This session goes on elsewhere, or lost its place here. Connect again to go on.'
export const BLOCKED = 'This account is blocked. Ask who runs this server why, and how to go on.'
/** Why a session has to leave this server at once. */
export const LOSS_MESSAGES = {
  lease_lost: NOT_OURS,
  account_blocked: BLOCKED,
  ended_by_operator:
    'Who runs this server has ended this session. Start captions again when you want to go on.',
} as const satisfies Record<LossReason, string>
export const LOGIN_END_MESSAGES = {
  unauthenticated: 'This login has ended. Log in again.',
  account_blocked: BLOCKED,
} as const satisfies Record<LoginEnd, string>
export const RESTARTING = 'The server is restarting. Connect again to go on.'
export const SOMETHING_WRONG = 'Something went wrong on the server. Try again shortly.'
export const NO_SESSION_NOW = 'The server cannot open a session right now. Try again shortly.'
export const IS_RESUMING = 'This session is just being opened again. Try again shortly.'
export const tooManySessions = (max: number): string =>
  `You may run ${max === 1 ? 'one session' : `${max} sessions`} at once: end one.`

/** Apps that come back by themselves must not undo at once what an administrator has done. */
const STOPPED_RETRY_MS = 10 * 60_000

/** When a client may come back that an administrator has sent away; nothing for any other error. */
export function retryOf(code: TranscribeErrorCode): { readonly retry_after_ms?: number } {
  const isStop = code === 'account_blocked' || code === 'ended_by_operator'
  return isStop ? { retry_after_ms: STOPPED_RETRY_MS } : {}
}

type WireError = Extract<ServerMessage, { type: 'error' }>

function transcript(event: Transcript, isFinal: boolean, speechFinal: boolean): TranscriptMessage {
  return {
    type: 'transcript',
    text: event.text,
    is_final: isFinal,
    confidence: event.confidence,
    speech_final: speechFinal,
    start_ms: event.startMs,
    end_ms: event.endMs,
    words: event.words.map((word) => ({
      text: word.text,
      start_ms: word.startMs,
      end_ms: word.endMs,
      confidence: word.confidence,
    })),
  }
}

/** What the client is told of an engine's event; usage and errors are the connection's business. */
export function toServerMessage(event: SpeechEvent): ServerMessage | undefined {
  switch (event.type) {
    case 'interim': {
      const { committedWords } = event
      return {
        ...transcript(event, false, false),
        ...(committedWords !== undefined && { committed_words: committedWords }),
      }
    }
    case 'final':
      return transcript(event, true, event.speechFinal)
    case 'speech-started':
      return { type: 'speech_started', at_ms: event.atMs }
    case 'utterance-end':
      return { type: 'utterance_end', last_word_end_ms: event.lastWordEndMs }
    case 'reconnecting':
      return { type: 'upstream_reconnecting' }
    case 'recovered':
      return { type: 'upstream_recovered' }
    case 'usage':
    case 'receipt':
    case 'credits-low':
    case 'error':
      return undefined
  }
}

interface ClientView {
  readonly code: TranscribeErrorCode
  readonly retryAfterMs?: number
  /** Instead of the backend's own, which may name what is inside this server. */
  readonly message?: string
}

const OPERATOR_MESSAGE =
  'The speech provider refuses this server. Please tell whoever runs it; your credit is not touched.'

/**
 * How a failure of the server's own speech backend looks to a client. The provider's refusal of
 * the server's key or account is not the client's: it must not be read as "log in again" or
 * "buy credit".
 */
const CLIENT_VIEW: Readonly<Record<SpeechErrorCode, ClientView>> = {
  bad_message: { code: 'bad_message' },
  bad_config: { code: 'bad_message' },
  frame_too_large: { code: 'frame_too_large' },
  too_fast: { code: 'too_fast' },
  too_many_connections: { code: 'busy', retryAfterMs: 5000 },
  busy: { code: 'busy', retryAfterMs: 5000 },
  model_unavailable: { code: 'busy', retryAfterMs: 5000 },
  upstream_lost: { code: 'upstream_lost' },
  unreachable: {
    code: 'upstream_lost',
    retryAfterMs: 1000,
    message: 'The speech provider cannot be reached right now. Try again shortly.',
  },
  engine_failed: { code: 'upstream_lost', retryAfterMs: 1000 },
  // A cap is the desktop's own business.
  spend_cap_reached: { code: 'internal' },
  server_draining: { code: 'upstream_lost', retryAfterMs: 1000 },
  lease_lost: { code: 'upstream_lost' },
  internal: { code: 'internal' },
  unauthenticated: { code: 'upstream_lost', message: OPERATOR_MESSAGE },
  account_blocked: { code: 'upstream_lost', message: OPERATOR_MESSAGE },
  ended_by_operator: { code: 'upstream_lost', message: OPERATOR_MESSAGE },
  insufficient_credits: { code: 'busy', retryAfterMs: 60_000, message: OPERATOR_MESSAGE },
}

/** @param resumeFromMs end of the last final, in ms of the session's audio */
export function toWireError(error: SpeechError, resumeFromMs: number): WireError {
  const view = CLIENT_VIEW[error.code]
  const retryAfterMs = error.retryAfterMs ?? view.retryAfterMs
  return {
    type: 'error',
    code: view.code,
    message: view.message ?? error.message,
    resume_from_ms: Math.max(0, Math.floor(resumeFromMs)),
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  }
}

/** The error code of the same name, for the ends that are errors. */
export function errorOf(reason: SessionEndReason): TranscribeErrorCode | undefined {
  return reason === 'stopped' || reason === 'idle' || reason === 'client_gone' ? undefined : reason
}
