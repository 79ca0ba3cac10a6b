import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthMessage, SessionEndReason } from '@saywire/protocol'
import { CLOSE_CODE_BY_ERROR } from '@saywire/protocol'
import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { Logger } from 'pino'
import type { KeptLease, LeaseKeeper } from '../billing/lease-keeper.ts'
import type { StreamConnection } from './stream-connection.ts'
import { runStreamConnection } from './stream-connection.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { StreamSocket } from './stream-socket.ts'
import type { Upstream } from './upstream.ts'
import { openUpstream } from './upstream.ts'
import {
  CREDIT_IN_USE,
  NO_CREDIT,
  RESTARTING,
  tooManySessions,
  toWireError,
} from './wire-messages.ts'

export interface StreamSessionDeps {
  readonly engine: SpeechEngine
  /** Short name of the backend, for the session's row: `deepgram`, `whisper`. */
  readonly backendName: string
  readonly leases: Pick<LeaseKeeper, 'open'>
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
  auth: AuthMessage,
  signal: AbortSignal,
): Promise<StreamConnection | undefined> {
  const { config } = auth
  const session = {
    userId,
    mode: 'managed',
    backend: deps.backendName,
    model: config.model ?? null,
    language: config.language ?? null,
  } as const
  const settleUnused = async (lease: KeptLease, reason: SessionEndReason) =>
    lease.settle({ audioMs: 0, reason, creditedMs: 0, backend: deps.backendName })
  const opening = deps.leases.open(session, auth.resume?.session_id)
  const late = sleep(deps.limits.admissionTimeoutMs, undefined, { ref: false })
  const opened = await Promise.race([opening, late])
  if (!opened) {
    // Should the lease come after all, nobody waits for it.
    const drop = async (unwanted: Awaited<typeof opening>) =>
      unwanted.outcome === 'opened' && settleUnused(unwanted.lease, 'client_gone')
    opening.then(drop).catch((error: unknown) => deps.log.error({ err: error }, 'late lease'))
  }
  if (!opened || opened.outcome === 'taking_over') {
    client.fail('busy', 'The server cannot open a session right now. Try again shortly.', 2000)
    return undefined
  }
  if (opened.outcome === 'too_many_connections') {
    client.fail('too_many_connections', tooManySessions(deps.limits.sessionsMaxPerUser))
    return undefined
  }
  if (opened.outcome !== 'opened') {
    const isHeld = opened.outcome === 'credit_in_use'
    client.fail('insufficient_credits', isHeld ? CREDIT_IN_USE : NO_CREDIT)
    return undefined
  }
  const { lease } = opened
  const { sessionId } = lease
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
      await settleUnused(lease, 'server_draining')
      client.fail('server_draining', RESTARTING)
      return undefined
    }
    const error =
      cause instanceof SpeechError
        ? cause
        : new SpeechError('internal', 'Something went wrong on the server.', { cause })
    log.warn({ err: error, code: error.code }, 'speech backend did not open')
    const message = toWireError(error, 0)
    await settleUnused(lease, message.code)
    client.send(message)
    client.close(CLOSE_CODE_BY_ERROR[message.code], message.code)
    return undefined
  }

  const { backend } = upstream
  client.send({ type: 'ready', session_id: sessionId, resume_from_ms: 0, backend })
  log.info({ backend }, 'session started')
  connection = runStreamConnection({ ...deps, log }, client, upstream, lease)
  if (earlyFailure) connection.fail(earlyFailure)
  return connection
}
