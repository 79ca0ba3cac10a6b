import type { AuthMessage, ClientMessageInput, ServerMessage } from '@saywire/protocol'
import { CLOSE_AUTH_TIMEOUT } from '@saywire/protocol'
import type { WebSocket } from 'ws'
import { SpeechError } from '../speech-error.ts'
import { errorFromClose, errorFromMessage, parseServerMessage } from './managed-messages.ts'

export type ReadyMessage = Extract<ServerMessage, { type: 'ready' }>

export interface HandshakeDeps {
  readonly serverUrl: string
  /** From here to an open socket. */
  readonly dialTimeoutMs: number
  /** From the open socket to `ready`. */
  readonly readyTimeoutMs: number
}

/**
 * Authenticates on a socket that is being dialled.
 * @param startMs capture-clock position of the session's first sample
 * @param onReady called with `ready` before anything else is read from the socket: what follows in
 * the same packet would find no listener otherwise
 * @throws SpeechError, or the signal's reason
 */
export async function shakeHands<Session>(
  socket: WebSocket,
  auth: Pick<AuthMessage, 'token' | 'config' | 'resume'>,
  startMs: number,
  signal: AbortSignal,
  { serverUrl, dialTimeoutMs, readyTimeoutMs }: HandshakeDeps,
  onReady: (ready: ReadyMessage) => Session,
): Promise<Session> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('message', onMessage)
      socket.off('close', onClose)
      act()
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const unreachable = (what: string, cause?: unknown) =>
      fail(new SpeechError('unreachable', `${serverUrl} ${what}`, { retryable: true, cause }))
    const within = (timeoutMs: number, what: string) =>
      setTimeout(() => unreachable(`${what} within ${timeoutMs / 1000} seconds.`), timeoutMs)
    // A timeout of the request would begin anew with each byte that trickles in.
    let timer = within(dialTimeoutMs, 'did not answer')
    let refusal: SpeechError | undefined
    const onAbort = () => fail(signal.reason)
    const onMessage = (data: Buffer) => {
      const message = parseServerMessage(data)
      if (message?.type === 'ready') settle(() => resolve(onReady(message)))
      else if (message?.type !== 'error') return
      // The close tells whether the login was refused, or never got there.
      else if (message.code === 'unauthenticated') refusal = errorFromMessage(message, startMs)
      else fail(errorFromMessage(message, startMs))
    }
    const onClose = (code: number) => {
      if (code === CLOSE_AUTH_TIMEOUT) return unreachable('did not hear the login in time.')
      if (refusal) return fail(refusal)
      fail(errorFromClose(code, `${serverUrl} refused the connection`))
    }
    signal.addEventListener('abort', onAbort)
    socket.on('message', onMessage)
    socket.on('close', onClose)
    socket.once('error', (cause) => {
      unreachable('cannot be reached. Check the address and the network.', cause)
    })
    socket.once('open', () => {
      clearTimeout(timer)
      timer = within(readyTimeoutMs, 'did not get ready')
      socket.send(JSON.stringify({ type: 'auth', ...auth } satisfies ClientMessageInput))
    })
  })
}
