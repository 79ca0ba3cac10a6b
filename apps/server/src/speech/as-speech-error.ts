import { SpeechError } from '@saywire/speech'

/** What nobody foresaw becomes an error that says nothing of this server, with its cause for the log. */
export function asSpeechError(cause: unknown): SpeechError {
  if (cause instanceof SpeechError) return cause
  return new SpeechError('internal', 'Something went wrong on the server.', { cause })
}
