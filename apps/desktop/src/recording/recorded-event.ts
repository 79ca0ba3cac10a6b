import type { SpeechErrorCode, SpeechEvent } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { CaptureErrorCode } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import type { RecordedError, RecordedEvent } from './recording-format.ts'

/** What else was thrown: the session knows what to make of it, and so does its replay. */
const UNEXPECTED = 'unexpected'
const NO_MESSAGE = 'The message of this error was not recorded.'

/** Leaves the message and the cause behind. */
export function recordError(cause: unknown): RecordedError {
  if (cause instanceof CaptureError) return { code: cause.code }
  if (!(cause instanceof SpeechError)) return { code: UNEXPECTED }
  const { code, retryable, retryAfterMs, resumeFromMs } = cause
  return {
    code,
    ...(retryable && { retryable }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(resumeFromMs !== undefined && { resumeFromMs }),
  }
}

export function reviveSpeechError(recorded: RecordedError): Error {
  const { code, retryable = false, retryAfterMs, resumeFromMs } = recorded
  if (code === UNEXPECTED) return new Error(NO_MESSAGE)
  return new SpeechError(code as SpeechErrorCode, NO_MESSAGE, {
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(resumeFromMs !== undefined && { resumeFromMs }),
  })
}

export function reviveCaptureError({ code }: RecordedError): Error {
  if (code === UNEXPECTED) return new Error(NO_MESSAGE)
  return new CaptureError(code as CaptureErrorCode, NO_MESSAGE)
}

/** Field by field: what an engine adds one day is looked at before it is kept. */
export function recordEvent(event: SpeechEvent): RecordedEvent {
  switch (event.type) {
    case 'interim':
      return {
        type: event.type,
        ...recordTranscript(event),
        ...(event.committedWords !== undefined && { committedWords: event.committedWords }),
      }
    case 'final':
      return { type: event.type, ...recordTranscript(event), speechFinal: event.speechFinal }
    case 'receipt':
      return { type: event.type, audioMs: event.audioMs }
    case 'error':
      return { type: event.type, error: recordError(event.error) }
    case 'utterance-end':
      return { type: event.type, lastWordEndMs: event.lastWordEndMs }
    case 'speech-started':
      return { type: event.type, atMs: event.atMs }
    case 'usage':
      return { type: event.type, audioMs: event.audioMs }
    case 'credits-low':
      return { type: event.type, secondsRemaining: event.secondsRemaining }
    case 'reconnecting':
    case 'recovered':
      return { type: event.type }
  }
}

export function reviveEvent(event: RecordedEvent): SpeechEvent {
  if (event.type === 'receipt') return { ...event, requestId: undefined }
  if (event.type === 'interim') {
    const { committedWords, ...interim } = event
    return { ...interim, ...(committedWords !== undefined && { committedWords }) }
  }
  if (event.type !== 'error') return event
  const error = reviveSpeechError(event.error)
  return {
    type: 'error',
    error: error instanceof SpeechError ? error : new SpeechError('internal', NO_MESSAGE),
  }
}

function recordTranscript(transcript: Extract<SpeechEvent, { type: 'interim' | 'final' }>) {
  const { text, startMs, endMs, confidence } = transcript
  const words = transcript.words.map((word) => ({
    text: word.text,
    startMs: word.startMs,
    endMs: word.endMs,
    confidence: word.confidence,
  }))
  return { text, startMs, endMs, confidence, words }
}
