import type { AuthMessage } from '@saywire/protocol'
import { CLOSE_CODE_BY_ERROR } from '@saywire/protocol'
import type { SpeechEngine, SpeechError } from '@saywire/speech'
import { asSpeechError } from '../speech/as-speech-error.ts'
import type { AdmissionDeps } from './admission.ts'
import { admit } from './admission.ts'
import { AudioMeter } from './audio-meter.ts'
import { ClientLink } from './client-link.ts'
import type { StreamConnection } from './stream-connection.ts'
import { runStreamConnection } from './stream-connection.ts'
import type { StreamMeasures } from './stream-measures.ts'
import { watchWords } from './stream-measures.ts'
import type { StreamSocket } from './stream-socket.ts'
import type { Upstream } from './upstream.ts'
import { openUpstream } from './upstream.ts'
import { RESTARTING, toWireError } from './wire-messages.ts'

export interface StreamSessionDeps extends AdmissionDeps {
  readonly engine: SpeechEngine
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly measures: StreamMeasures
}

export interface StreamSession {
  readonly sessionId: string
  readonly connection: StreamConnection
}

/**
 * Admits one authenticated client: credit first, then the backend, then `ready`. Where either
 * refuses, the client is told and the result is undefined.
 */
export async function admitStreamSession(
  deps: StreamSessionDeps,
  client: StreamSocket,
  userId: string,
  auth: AuthMessage,
  signal: AbortSignal,
): Promise<StreamSession | undefined> {
  const { limits, measures } = deps
  const span = client.span?.child('audio session')
  const admission = await admit(deps, client, userId, auth, span)
  if (!admission) {
    span?.set({ 'saywire.reason': 'not admitted' })
    span?.end()
    return undefined
  }
  const { lease, start } = admission
  // A new session that nobody was told of is nobody's to come back to.
  const left = new AbortController()
  if (admission.tokenHash === undefined) client.onClose(() => left.abort())
  const { sessionId } = lease
  const log = client.log.child({ session_id: sessionId, user_id: userId })
  client.log = log
  const link = new ClientLink({
    keptMax: limits.keptFinalsMax,
    keptMaxBytes: limits.keptFinalsMaxBytes,
    confirmedMs: start.positionMs,
  })
  const meter = new AudioMeter(admission.replay, start)
  const words = watchWords(measures, deps.now)
  let connection: StreamConnection | undefined
  let earlyFailure: SpeechError | undefined
  let upstream: Upstream
  try {
    upstream = await openUpstream(
      {
        engine: deps.engine,
        log,
        span,
        flushTimeoutMs: limits.flushTimeoutMs,
        emit(message) {
          link.send(message)
          words.said(message, meter.positionMs)
        },
        onError: (error) => {
          earlyFailure = error
          connection?.fail(error)
        },
      },
      auth.config,
      start.positionMs,
      AbortSignal.any([signal, left.signal]),
    )
  } catch (cause) {
    const endSpan = (reason: string): void => {
      span?.set({ 'saywire.reason': reason })
      span?.end(reason === 'client_gone' || reason === 'server_draining' ? undefined : reason)
    }
    if (left.signal.aborted) {
      await admission.giveUp('client_gone')
      endSpan('client_gone')
      return undefined
    }
    if (signal.aborted) {
      await admission.giveUp('server_draining')
      endSpan('server_draining')
      client.fail('server_draining', RESTARTING)
      return undefined
    }
    const error = asSpeechError(cause)
    log.warn({ err: error, code: error.code }, 'speech backend did not open')
    const message = toWireError(error, start.positionMs)
    await admission.giveUp(message.code)
    endSpan(message.code)
    client.send(message)
    client.onFail?.(message.code)
    client.close(CLOSE_CODE_BY_ERROR[message.code], message.code)
    return undefined
  }

  log.info({ backend: upstream.backend, position_ms: start.positionMs }, 'session started')
  const how = admission.tokenHash === undefined ? 'new' : 'resumed'
  measures.metrics.count('saywire_sessions_opened_total', { how })
  span?.set({ 'saywire.session_id': sessionId, 'saywire.backend': upstream.backend })
  const own = { log, span, link, meter, upstream, measures, words }
  const parts = { ...admission, ...own, limits, now: deps.now }
  connection = runStreamConnection(parts, client)
  if (earlyFailure) connection.fail(earlyFailure)
  return { sessionId, connection }
}
