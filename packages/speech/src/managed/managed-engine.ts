import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { WebSocket } from 'ws'
import { SpeechError } from '../speech-error.ts'
import type { SpeechEngine, SpeechOptions, SpeechSession } from '../speech-engine.ts'
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
  /** Monotonic clock, ms. */
  readonly now?: () => number
}

/** Speech-to-text by a Saywire server, over its audio WebSocket. */
export function createManagedEngine(deps: ManagedEngineDeps): SpeechEngine {
  return {
    async open(options, signal) {
      const url = transcribeUrl(deps.serverUrl)
      const token = await deps.getToken()
      const socket = new WebSocket(url, {
        perMessageDeflate: false,
        handshakeTimeout: deps.dialTimeoutMs ?? 5000,
      })
      const abort = () => socket.terminate()
      signal.addEventListener('abort', abort, { once: true })
      try {
        signal.throwIfAborted()
        return await openSession(socket, token, options, signal, deps)
      } catch (error) {
        socket.terminate()
        throw error
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
  }
}

async function openSession(
  socket: WebSocket,
  token: string,
  options: SpeechOptions,
  signal: AbortSignal,
  deps: ManagedEngineDeps,
): Promise<SpeechSession> {
  return new Promise((resolve, reject) => {
    const readyTimeoutMs = deps.readyTimeoutMs ?? 30_000
    const timer = setTimeout(() => {
      const message = `${deps.serverUrl} did not get ready within ${readyTimeoutMs / 1000} seconds.`
      settle(() => reject(new SpeechError('unreachable', message, { retryable: true })))
    }, readyTimeoutMs)
    const settle = (act: () => void) => {
      clearTimeout(timer)
      socket.off('message', onMessage)
      socket.off('close', onClose)
      act()
    }
    const onMessage = (data: Buffer, isBinary: boolean) => {
      const message = isBinary ? undefined : parseServerMessage(data)
      if (message?.type === 'error') settle(() => reject(errorFromMessage(message, 0)))
      if (message?.type !== 'ready') return
      const { backend } = message
      const now = deps.now ?? (() => performance.now())
      const startMs = options.startMs ?? 0
      settle(() => resolve(createManagedSession({ socket, signal, backend, startMs, now })))
    }
    const onClose = (code: number) =>
      settle(() => reject(errorFromClose(code, `${deps.serverUrl} refused the connection`)))
    socket.on('message', onMessage)
    socket.on('close', onClose)
    socket.once('error', (cause) => {
      const message = `${deps.serverUrl} cannot be reached. Check the address and the network.`
      settle(() => reject(new SpeechError('unreachable', message, { retryable: true, cause })))
    })
    // ws throws what nobody listens to; everything after the first is told by `close` as well.
    socket.on('error', () => undefined)
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'auth', token, config: options.config }))
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
