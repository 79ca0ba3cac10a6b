import { setTimeout as sleep } from 'node:timers/promises'
import type { OBSEventTypes, OBSRequestTypes, OBSResponseTypes } from 'obs-websocket-js/json'
import { EventSubscription, OBSWebSocket } from 'obs-websocket-js/json'
import { createCollectionChange } from './collection-change.ts'
import { closeReason, reasonOf } from './end-reason.ts'
import { isRefusal, ObsError } from './obs-error.ts'

/** OBS that is not ready is asked again after this. */
const NOT_READY_RETRY_MS = 250

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
   * Asks OBS for something, as soon as it is ready for that.
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
 * Connects and identifies. Events are asked for only where Saywire reads them: OBS then sends no
 * volume meters and no scene changes.
 * @throws ObsError `unreachable`, `no_answer`, `wrong_password`, `not_obs`, `too_old`, `kicked`
 */
export async function openObsSession(options: ObsSessionOptions): Promise<ObsSession> {
  const { signal } = options
  const socket = new OBSWebSocket()
  /** Waiting requests: those of the library stay open for ever when the connection ends. */
  const waiting = new Set<(reason: ObsError) => void>()
  const end = (reason: ObsError) => waiting.forEach((fail) => fail(reason))
  const onAbort = () => end(new ObsError('not_connected'))
  const change = createCollectionChange()
  const ended = new Promise<ObsError>((resolve) => {
    waiting.add(resolve)
    // An error comes before the close that follows from it, and knows more.
    socket.once('ConnectionError', (error) => end(reasonOf(error)))
    socket.once('ConnectionClosed', (error) => end(closeReason(error)))
    socket.on('CurrentSceneCollectionChanging', change.begin)
    socket.on('CurrentSceneCollectionChanged', change.end)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  void ended.then(() => {
    socket.removeAllListeners()
    signal.removeEventListener('abort', onAbort)
    change.end()
    // Not waited for: an OBS that hangs would keep us for half a minute.
    socket.disconnect().catch(() => undefined)
  })

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
      eventSubscriptions:
        EventSubscription.Config | EventSubscription.Inputs | EventSubscription.Outputs,
    })
    await answerOf(identified, options.connectTimeoutMs, 'unreachable')
  } catch (error) {
    end(reasonOf(error))
    throw reasonOf(error)
  }
  return {
    call: async (type, data) => {
      const lastTryMs = performance.now() + options.requestTimeoutMs
      for (;;) {
        await change.over()
        try {
          return await answerOf(socket.call(type, data), options.requestTimeoutMs, 'no_answer')
        } catch (error) {
          if (!isRefusal(error, 'notReady') || performance.now() > lastTryMs) throw error
        }
        await sleep(NOT_READY_RETRY_MS)
      }
    },
    on: (type, listener) => {
      // The library's listener type cannot be followed through a generic event name.
      socket.on(type, listener as never)
    },
    ended,
    end,
  }
}
