import type { CaptionSink } from '../core/ports.ts'
import type { Console } from './console.ts'

/** One engine event a line, as JSON with the names of `SpeechEvent`. */
export function createJsonSink(stdout: Console['stdout']): CaptionSink {
  return {
    onEvent(event) {
      stdout.write(`${JSON.stringify(event.type === 'error' ? errorLine(event.error) : event)}\n`)
    },
  }
}

/** How an error stands in the stream of JSON lines. */
export function errorLine(error: { readonly code?: string; readonly message: string }) {
  return { type: 'error', error: { code: error.code ?? 'internal', message: error.message } }
}
