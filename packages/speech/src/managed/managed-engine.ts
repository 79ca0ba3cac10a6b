import type { AuthMessage } from '@saywire/protocol'
import { CLOSE_DONE, TRANSCRIBE_PATH } from '@saywire/protocol'
import { WebSocket } from 'ws'
import { SpeechError } from '../speech-error.ts'
import type { SpeechEngine, SpeechSession } from '../speech-engine.ts'
import type { TokenBucket } from '../token-bucket.ts'
import { watchPeer } from '../watch-peer.ts'
import type { ReadyMessage } from './managed-handshake.ts'
import { shakeHands } from './managed-handshake.ts'
import { createManagedSession, createSendAllowance } from './managed-session.ts'

/** Hours of words fit in; a server that sends more is taken for lost. */
const MESSAGE_BYTES_MAX = 1024 * 1024

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
/** A server that has no provider transcribes by itself, on the processor that serves everybody. */
const OWN_ENGINE = /^whisper\b/

/** What a session of this server's can be gone on with. */
interface Resumable {
  readonly sessionId: string
  /** Valid once; undefined where the server resumes nothing. */
  readonly token: string | undefined
  readonly startMs: number
  readonly allowance: TokenBucket
}

/**
 * Speech-to-text by a Saywire server, over its audio WebSocket. A session that was cut off can be
 * gone on with (`SpeechOptions.resume`). Until the server notices the cut it holds its place and its
 * credit; a next session that does not resume it says that it takes both over.
 */
export function createManagedEngine(deps: ManagedEngineDeps): SpeechEngine {
  const { dialTimeoutMs = 5000, readyTimeoutMs = 30_000, pingMs = 5000 } = deps
  const now = deps.now ?? (() => performance.now())
  /** Sessions whose end this side has not heard of, oldest first. */
  const cutOff: string[] = []
  const resumables = new WeakMap<SpeechSession, Resumable>()

  /** The session to go on with, or else the oldest whose place is to be taken. */
  function takeResume(
    old: Resumable | undefined,
    horizonMs: number,
  ): AuthMessage['resume'] | undefined {
    const sessionId = old?.sessionId ?? cutOff[0]
    if (sessionId === undefined) return undefined
    const index = cutOff.indexOf(sessionId)
    if (index !== -1) cutOff.splice(index, 1)
    if (old?.token === undefined) return { session_id: sessionId }
    const horizon_ms = Math.max(0, Math.floor(horizonMs - old.startMs))
    return { session_id: sessionId, resume_token: old.token, horizon_ms }
  }

  function follow(socket: WebSocket, sessionId: string, signal: AbortSignal): void {
    watchPeer(socket, pingMs)
    const onAbort = () => {
      // Told at once where it is aborted: the next one may not wait for the close event.
      cutOff.push(sessionId)
      // One that is not lost but given up need not be kept for us.
      if (!(signal.reason instanceof SpeechError)) socket.close(CLOSE_DONE)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('close', (code) => {
      signal.removeEventListener('abort', onAbort)
      if (code === CLOSE_ABNORMAL && !signal.aborted) cutOff.push(sessionId)
    })
  }

  return {
    isRemote: true,
    async open({ config, resume, startMs: firstMs = 0 }, signal) {
      const { serverUrl } = deps
      const url = transcribeUrl(serverUrl)
      const token = await deps.getToken()
      signal.throwIfAborted()
      const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: MESSAGE_BYTES_MAX })
      // ws throws what nobody listens to; `close` tells all that matters after the first.
      socket.on('error', () => undefined)
      const old = resume && resumables.get(resume.session)
      const wanted = takeResume(old, resume?.horizonMs ?? 0)
      const start = (ready: ReadyMessage): SpeechSession => {
        const sessionId = ready.session_id
        const isResumed = sessionId === old?.sessionId
        const startMs = isResumed ? old.startMs : firstMs
        const allowance = isResumed ? old.allowance : createSendAllowance(now())
        follow(socket, sessionId, signal)
        const session = createManagedSession({
          socket,
          signal,
          backend: ready.backend,
          startMs,
          allowance,
          now,
          ...(OWN_ENGINE.test(ready.backend) && { mayTakeLong: true }),
          ...(isResumed && { resumedFromMs: startMs + ready.resume_from_ms }),
        })
        resumables.set(session, { sessionId, token: ready.resume_token, startMs, allowance })
        return session
      }
      try {
        const auth = { token, config, ...(wanted && { resume: wanted }) }
        const limits = { serverUrl, dialTimeoutMs, readyTimeoutMs }
        return await shakeHands(socket, auth, firstMs, signal, limits, start)
      } catch (error) {
        socket.terminate()
        if (wanted) cutOff.unshift(wanted.session_id)
        throw error
      }
    },
  }
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
