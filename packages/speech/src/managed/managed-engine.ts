import type { ClientMessageInput } from '@saywire/protocol'
import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { WebSocket } from 'ws'
import { SpeechError } from '../speech-error.ts'
import type { SpeechEngine } from '../speech-engine.ts'
import { watchPeer } from '../watch-peer.ts'
import { errorFromClose, errorFromMessage, parseServerMessage } from './managed-messages.ts'
import { createManagedSession } from './managed-session.ts'

export interface ManagedEngineDeps {
  /** The server's address, such as `https://captions.example.org` or `http://localhost:3000`. */
  readonly serverUrl: string
  /** An access token that is valid now. Rejects with a SpeechError where the user must log in. */
  readonly getToken: () => Promise<string>
  /** From dialling to an open socket. Default 5,000 ms. */
  readonly dialTimeoutMs?: number
  /** From the open socket to `ready`: the server may have to load a model. Default 30,000 ms. */
  readonly readyTimeoutMs?: number
  /**
   * Time between WebSocket pings. Where two stay unanswered and nothing else comes, the session is
   * `upstream_lost` at the time of the third. Default 5,000 ms.
   */
  readonly pingMs?: number
  /** Monotonic clock, ms. */
  readonly now?: () => number
}

/** RFC 6455: the connection went without a close message. */
const CLOSE_ABNORMAL = 1006

/**
 * Speech-to-text by a Saywire server, over its audio WebSocket. A session that was cut off holds
 * its place and its credit until the server notices; the next one says that it takes both over.
 */
export function createManagedEngine(deps: ManagedEngineDeps): SpeechEngine {
  /** Sessions whose end this side has not heard of, oldest first. */
  const cutOff: string[] = []
  return {
    async open(options, signal) {
      const url = transcribeUrl(deps.serverUrl)
      const token = await deps.getToken()
      signal.throwIfAborted()
      const socket = new WebSocket(url, {
        perMessageDeflate: false,
        handshakeTimeout: deps.dialTimeoutMs ?? 5000,
      })
      // ws throws what nobody listens to; `close` tells all that matters after the first.
      socket.on('error', () => undefined)
      const takeOver = cutOff.shift()
      try {
        const { backend, sessionId } = await whenReady(
          socket,
          {
            token,
            config: options.config,
            ...(takeOver ? { resume: { session_id: takeOver } } : {}),
          },
          options.startMs ?? 0,
          signal,
          deps,
        )
        watchPeer(socket, deps.pingMs ?? 5000)
        const onAbort = () => void cutOff.push(sessionId)
        signal.addEventListener('abort', onAbort, { once: true })
        socket.once('close', (code) => {
          signal.removeEventListener('abort', onAbort)
          // Told at once where it is aborted: the next one may not wait for this event.
          if (code === CLOSE_ABNORMAL && !signal.aborted) cutOff.push(sessionId)
        })
        const startMs = options.startMs ?? 0
        const now = deps.now ?? (() => performance.now())
        return createManagedSession({ socket, signal, backend, startMs, now })
      } catch (error) {
        socket.terminate()
        if (takeOver) cutOff.unshift(takeOver)
        throw error
      }
    },
  }
}

/** Authenticates, and resolves when the server says `ready`. */
async function whenReady(
  socket: WebSocket,
  auth: Omit<Extract<ClientMessageInput, { type: 'auth' }>, 'type'>,
  startMs: number,
  signal: AbortSignal,
  deps: ManagedEngineDeps,
): Promise<{ readonly backend: string; readonly sessionId: string }> {
  const { serverUrl, readyTimeoutMs = 30_000 } = deps
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
    const timer = setTimeout(() => {
      unreachable(`did not get ready within ${readyTimeoutMs / 1000} seconds.`)
    }, readyTimeoutMs)
    const onAbort = () => fail(signal.reason)
    const onMessage = (data: Buffer) => {
      const message = parseServerMessage(data)
      if (message?.type === 'ready') {
        settle(() => resolve({ backend: message.backend, sessionId: message.session_id }))
      } else if (message?.type === 'error') fail(errorFromMessage(message, startMs))
    }
    const onClose = (code: number) => {
      fail(errorFromClose(code, `${serverUrl} refused the connection`))
    }
    signal.addEventListener('abort', onAbort)
    socket.on('message', onMessage)
    socket.on('close', onClose)
    socket.once('error', (cause) => {
      unreachable('cannot be reached. Check the address and the network.', cause)
    })
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'auth', ...auth } satisfies ClientMessageInput))
    })
  })
}

/** @throws SpeechError `bad_config` for what is not an http(s) address */
function transcribeUrl(serverUrl: string): URL {
  const url = URL.canParse(serverUrl) ? new URL(serverUrl) : undefined
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) {
    const message = `The server address "${serverUrl}" is not one. It looks like https://host.`
    throw new SpeechError('bad_config', message)
  }
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:'
  url.pathname = url.pathname.replace(/\/$/, '') + TRANSCRIBE_PATH
  return url
}
