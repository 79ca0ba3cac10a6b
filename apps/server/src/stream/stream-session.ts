import { setTimeout as sleep } from 'node:timers/promises'
import type { TranscribeConfig } from '@saywire/protocol'
import { CLOSE_CODE_BY_ERROR } from '@saywire/protocol'
import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { Logger } from 'pino'
import type { LiveSessions } from '../sessions/live-sessions.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { RowCloser } from './row-closer.ts'
import type { StreamConnection } from './stream-connection.ts'
import { runStreamConnection } from './stream-connection.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { StreamSocket } from './stream-socket.ts'
import type { Upstream } from './upstream.ts'
import { openUpstream } from './upstream.ts'
import { toWireError } from './wire-messages.ts'

export interface StreamSessionDeps {
  readonly engine: SpeechEngine
  /** Short name of the backend, for the session's row: `deepgram`, `whisper`. */
  readonly backendName: string
  readonly sessions: Pick<SessionStore, 'open'>
  readonly rows: RowCloser
  readonly live: LiveSessions
  readonly log: Logger
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly limits: StreamLimits
}

/**
 * Admits one authenticated client: credit first, then the backend, then `ready`. Where either
 * refuses, the client is told and the result is undefined.
 */
export async function admitStreamSession(
  deps: StreamSessionDeps,
  client: StreamSocket,
  userId: string,
  config: TranscribeConfig,
  signal: AbortSignal,
): Promise<StreamConnection | undefined> {
  const opening = deps.sessions.open({
    userId,
    mode: 'managed',
    backend: deps.backendName,
    model: config.model ?? null,
    language: config.language ?? null,
  })
  const opened = await Promise.race([opening, sleep(deps.limits.admissionTimeoutMs)])
  if (!opened) {
    // Should the row come after all, nobody waits for it.
    const drop = async (late: Awaited<typeof opening>) =>
      late.outcome === 'opened' &&
      deps.rows.close(late.sessionId, { usedMs: 0, reason: 'client_gone' })
    opening.then(drop).catch((error: unknown) => deps.log.error({ err: error }, 'late row'))
    client.fail('busy', 'The server cannot open a session right now. Try again shortly.', 2000)
    return undefined
  }
  if (opened.outcome === 'insufficient_credits') {
    client.fail('insufficient_credits', 'Your credit is used up. Buy more to go on.')
    return undefined
  }
  const { sessionId } = opened
  const log = deps.log.child({ session_id: sessionId, user_id: userId })
  let connection: StreamConnection | undefined
  let earlyFailure: SpeechError | undefined
  let upstream: Upstream
  try {
    upstream = await openUpstream(
      {
        engine: deps.engine,
        flushTimeoutMs: deps.limits.flushTimeoutMs,
        emit: (message) => client.send(message),
        onError: (error) => {
          earlyFailure = error
          connection?.fail(error)
        },
      },
      config,
      signal,
    )
  } catch (cause) {
    if (signal.aborted) {
      await deps.rows.close(sessionId, { usedMs: 0, reason: 'server_draining' })
      client.fail('server_draining', 'The server is restarting. Connect again to go on.')
      return undefined
    }
    const error =
      cause instanceof SpeechError
        ? cause
        : new SpeechError('internal', 'Something went wrong on the server.', { cause })
    log.warn({ err: error, code: error.code }, 'speech backend did not open')
    const message = toWireError(error, 0)
    await deps.rows.close(sessionId, { usedMs: 0, reason: message.code })
    client.send(message)
    client.close(CLOSE_CODE_BY_ERROR[message.code], message.code)
    return undefined
  }

  const { backend } = upstream
  client.send({ type: 'ready', session_id: sessionId, resume_from_ms: 0, backend })
  deps.live.add({ sessionId, userId, backend })
  log.info({ backend }, 'session started')
  connection = runStreamConnection({ ...deps, log }, client, upstream, opened)
  if (earlyFailure) connection.fail(earlyFailure)
  return connection
}
