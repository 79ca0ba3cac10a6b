import type { OBSEventTypes, OBSRequestTypes, OBSResponseTypes } from 'obs-websocket-js/json'
import { EventSubscription, OBSWebSocket, OBSWebSocketError } from 'obs-websocket-js/json'
import { ObsError } from './obs-error.ts'

/** Close codes of obs-websocket v5 that mean more than "gone". */
const CLOSE_CODES = {
  authenticationFailed: 4009,
  unsupportedRpcVersion: 4010,
  sessionInvalidated: 4011,
} as const

export interface ObsSessionOptions {
  readonly url: string
  readonly password: string | undefined
  /** How long connecting and identifying may take together. */
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  /** Ends the session, or the attempt to open it. */
  readonly signal: AbortSignal
}

/** One identified connection to OBS, until it ends. It never reconnects. */
export interface ObsSession {
  /**
   * Asks OBS for something.
   * @throws ObsError `refused` with its request status, `no_answer`, `not_connected`
   */
  call<Type extends keyof OBSRequestTypes>(
    type: Type,
    data?: OBSRequestTypes[Type],
  ): Promise<OBSResponseTypes[Type]>
  on<Type extends keyof OBSEventTypes>(
    type: Type,
    listener: (event: OBSEventTypes[Type]) => void,
  ): void
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  readonly ended: Promise<ObsError>
  /** Ends it at once; what OBS still says is not heard. */
  end(reason: ObsError): void
}

/**
 * Connects and identifies. Events are asked for only where Saywire reads them (inputs, outputs):
 * OBS then sends no volume meters and no scene changes.
 * @throws ObsError `unreachable`, `no_answer`, `wrong_password`, `not_obs`, `too_old`, `kicked`
 */
export async function openObsSession(options: ObsSessionOptions): Promise<ObsSession> {
  const { signal } = options
  const socket = new OBSWebSocket()
  /** Waiting requests: those of the library stay open for ever when the connection ends. */
  const waiting = new Set<(reason: ObsError) => void>()
  const endWith = (reason: ObsError) => waiting.forEach((fail) => fail(reason))
  const end = (reason: ObsError) => {
    endWith(reason)
    socket.removeAllListeners()
    // Not waited for: an OBS that hangs would keep us for half a minute.
    socket.disconnect().catch(() => undefined)
  }
  const onAbort = () => end(new ObsError('not_connected'))
  const ended = new Promise<ObsError>((resolve) => {
    waiting.add(resolve)
    // An error comes before the close that follows from it, and knows more.
    socket.once('ConnectionError', (error) => endWith(reasonOf(error)))
    socket.once('ConnectionClosed', (error) => endWith(closeReason(error)))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  void ended.then(() => signal.removeEventListener('abort', onAbort))

  /** Settles within `limitMs`, and when the session ends. */
  const answerOf = <T>(promise: Promise<T>, limitMs: number, late: 'unreachable' | 'no_answer') =>
    new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new ObsError(late))), limitMs)
      const fail = (reason: ObsError) => settle(() => reject(reason))
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        waiting.delete(fail)
        outcome()
      }
      waiting.add(fail)
      promise.then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => fail(reasonOf(error)),
      )
    })

  try {
    signal.throwIfAborted()
    const identified = socket.connect(options.url, options.password, {
      eventSubscriptions: EventSubscription.Inputs | EventSubscription.Outputs,
    })
    await answerOf(identified, options.connectTimeoutMs, 'unreachable')
  } catch (error) {
    const reason = error instanceof ObsError ? error : new ObsError('not_connected')
    end(reason)
    throw reason
  }
  return {
    call: (type, data) => answerOf(socket.call(type, data), options.requestTimeoutMs, 'no_answer'),
    on: (type, listener) => {
      // The library's listener type cannot be followed through a generic event name.
      socket.on(type, listener as never)
    },
    ended,
    end,
  }
}

/** The library's own messages may hold addresses and OBS' words; none of them is passed on. */
function reasonOf(error: unknown): ObsError {
  if (!(error instanceof OBSWebSocketError)) return new ObsError('not_connected')
  if (/subprotocol|unexpected server response/i.test(error.message)) return new ObsError('not_obs')
  if (error.code >= 4000) return closeReason(error)
  // Request statuses are below 1000, close codes of WebSocket itself above; -1 is a failed socket.
  return error.code > 0 && error.code < 1000
    ? new ObsError('refused', error.code)
    : new ObsError('unreachable')
}

function closeReason(error: OBSWebSocketError): ObsError {
  switch (error.code) {
    case CLOSE_CODES.authenticationFailed:
      return new ObsError('wrong_password')
    case CLOSE_CODES.unsupportedRpcVersion:
      return new ObsError('too_old')
    case CLOSE_CODES.sessionInvalidated:
      return new ObsError('kicked')
    default:
      return new ObsError('unreachable')
  }
}
