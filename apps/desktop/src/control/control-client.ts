import { once } from 'node:events'
import { connect } from 'node:net'
import type { ControlAnswer, ControlRequest } from './control-messages.ts'
import { controlAnswerSchema } from './control-messages.ts'

/** Starting loads a model, and stopping waits for the last words. */
const ANSWER_TIMEOUT_MS = 30_000

/** Nobody listens, or nobody answers: the app does not run, just ended, or hangs. */
export class NotRunningError extends Error {
  override readonly name = 'NotRunningError'
}

/**
 * Tells the running app to do something.
 * @throws NotRunningError
 */
export async function askApp(path: string, request: ControlRequest): Promise<ControlAnswer> {
  const socket = connect(path)
  socket.setEncoding('utf8')
  let text = ''
  let isConnected = false
  try {
    await once(socket, 'connect')
    isConnected = true
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy())
    socket.on('data', (chunk: string) => (text += chunk))
    socket.write(`${JSON.stringify(request)}\n`)
    await once(socket, 'close')
    return controlAnswerSchema.parse(JSON.parse(text))
  } catch (cause) {
    const message = isConnected
      ? 'Saywire runs but does not answer: try again, or start the app anew.'
      : 'Saywire is not running: start the app first.'
    throw new NotRunningError(message, { cause })
  } finally {
    socket.destroy()
  }
}
