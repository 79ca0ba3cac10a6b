import type { WhisperSessionConfig } from '../whisper-messages.ts'

/** English with interims, from the beginning of the clock; nothing else is asked for. */
export const SESSION_CONFIG: WhisperSessionConfig = {
  startMs: 0,
  language: 'en',
  interims: true,
  endpointMs: 500,
  utteranceEndMs: undefined,
  translate: false,
  vocabulary: [],
  disabledGuards: [],
}
