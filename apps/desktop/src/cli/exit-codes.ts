import type { SpeechErrorCode } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { CaptureErrorCode } from '../core/ports.ts'
import { NotRunningError } from '../control/control-client.ts'
import { CaptureError } from '../core/ports.ts'
import { RecordingError } from '../recording/recording-error.ts'

export const EXIT = {
  ok: 0,
  /** A fault of the program's own. */
  internal: 1,
  usage: 2,
  /** The input is missing, unreadable or not audio. */
  input: 3,
  /** No microphone, or capture does not work on this machine. */
  microphone: 4,
  /** Model, key, login, server or network. */
  engine: 5,
  /** Credit used up, or a limit reached. */
  credit: 6,
  /** `saywire ctl` found no app, or one that does not answer. */
  notRunning: 7,
  /** `saywire replay` gave other captions than were recorded. */
  different: 8,
  interrupted: 130,
} as const

/** For `--help` and the README. */
export const EXIT_CODES_HELP = `Exit codes:
  0    everything was captioned (or the microphone was ended with Ctrl-C)
  1    a fault of the program's own
  2    the command line is wrong
  3    the input is missing, unreadable or not audio
  4    there is no microphone, or capture does not work on this machine
  5    the engine cannot work: model, key, login, server or network
  6    credit is used up or a limit is reached
  7    the app is not running, or does not answer
  8    a replay gave other captions than were recorded
  130  a recording was interrupted`

const BY_CAPTURE_ERROR = {
  not_found: EXIT.input,
  not_readable: EXIT.input,
  not_audio: EXIT.input,
  no_microphone: EXIT.microphone,
  capture_unavailable: EXIT.microphone,
} as const satisfies Record<CaptureErrorCode, number>

const BY_SPEECH_ERROR = {
  unauthenticated: EXIT.engine,
  account_blocked: EXIT.engine,
  ended_by_operator: EXIT.engine,
  insufficient_credits: EXIT.credit,
  spend_cap_reached: EXIT.credit,
  too_many_connections: EXIT.credit,
  bad_message: EXIT.engine,
  frame_too_large: EXIT.internal,
  too_fast: EXIT.credit,
  upstream_lost: EXIT.engine,
  busy: EXIT.engine,
  server_draining: EXIT.engine,
  lease_lost: EXIT.engine,
  internal: EXIT.engine,
  unreachable: EXIT.engine,
  bad_config: EXIT.usage,
  model_unavailable: EXIT.engine,
  engine_failed: EXIT.engine,
} as const satisfies Record<SpeechErrorCode, number>

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof NotRunningError) return EXIT.notRunning
  if (error instanceof RecordingError) return EXIT.input
  if (error instanceof CaptureError) return BY_CAPTURE_ERROR[error.code]
  if (error instanceof SpeechError) return BY_SPEECH_ERROR[error.code]
  return EXIT.internal
}
