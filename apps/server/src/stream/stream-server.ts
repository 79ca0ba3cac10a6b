import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AuthMessage } from '@saywire/protocol'
import { CLOSE_CODE_BY_ERROR, MAX_AUDIO_MESSAGE_BYTES } from '@saywire/protocol'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import type { LoginWatch } from '../accounts/login-watch.ts'
import type { LeaseKeeper } from '../billing/lease-keeper.ts'
import { isDatabaseUnavailable } from '../database/database.ts'
import { refuseUpgrade } from '../http/answers.ts'
import type { ReadClientAddress } from '../http/client-address.ts'
import type { Metrics } from '../operations/metrics.ts'
import { createMetrics } from '../operations/metrics.ts'
import type { ProcessLoad } from '../operations/process-load.ts'
import { trailOf } from '../operations/request-log.ts'
import { awaitAuth } from './stream-handshake.ts'
import type { StreamLimits } from './stream-limits.ts'
import { defaultStreamLimits } from './stream-limits.ts'
import { createStreamMeasures } from './stream-measures.ts'
import type { StreamSession, StreamSessionDeps } from './stream-session.ts'
import { admitStreamSession } from './stream-session.ts'
import type { StreamSocket } from './stream-socket.ts'
import { createStreamSocket, TranscribeSocket } from './stream-socket.ts'
import { createTally } from './tally.ts'
import type { WaitingRoom } from './waiting-room.ts'
import {
  IS_RESUMING,
  NO_SESSION_NOW,
  RESTARTING,
  SOMETHING_WRONG,
  tooManySessions,
} from './wire-messages.ts'

/** About what it takes to open a backend. */
const IS_RESUMING_RETRY_MS = 500

interface Caller {
  readonly userId: string
  readonly loginId?: string | undefined
}

interface Running extends StreamSession {
  readonly userId: string
  /** A session outlives the access token that it began with, but not the login. */
  watchLogin(loginId: string | undefined): void
}

/**
 * Of what a user may run at once, so many times over may be here, with all that is parked, is being
 * opened, or has not quite ended: whoever connects and cuts off over and over holds no more backends.
 */
const SEATS_PER_SESSION = 3
/** Connections that come back to sessions of one user at once; each waits for its turn. */
const RETURNING_MAX_PER_USER = 4
/** About what it takes to end a session that another one takes the place of. */
const NO_SEAT_RETRY_MS = 1000

/** When a client that was refused at the door may knock again. */
const RETRY_AFTER_S = 5

/** The raw audio WebSocket at `/ws/transcribe`. */
export interface StreamServer {
  /** Takes over an HTTP upgrade whose path is `/ws/transcribe`. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** No new sessions; the running ones flush their finals and end. Bounded in time. */
  drain(): Promise<void>
}

export interface StreamServerDeps extends Omit<
  StreamSessionDeps,
  'limits' | 'leases' | 'measures'
> {
  readonly leases: Pick<LeaseKeeper, 'open' | 'resume' | 'settled'>
  /** Must not touch the database: anybody can make it run. */
  readonly verifyToken: (token: string) => Promise<Caller | undefined>
  readonly loginWatch: LoginWatch
  /** For those who have connected and not yet shown who they are. */
  readonly waitingRoom: WaitingRoom
  readonly readAddress: ReadClientAddress
  /** Of this process. */
  readonly load: Pick<ProcessLoad, 'share'>
  readonly log: Logger
  readonly limits?: Partial<StreamLimits>
  /** Default: nobody reads them. */
  readonly metrics?: Metrics
}

export function createStreamServer(deps: StreamServerDeps): StreamServer {
  const limits: StreamLimits = { ...defaultStreamLimits, ...deps.limits }
  const { loginWatch, load } = deps
  const wss = new WebSocketServer({
    noServer: true,
    WebSocket: TranscribeSocket,
    maxPayload: MAX_AUDIO_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  })
  wss.on('headers', (headers, req) => headers.push(...(trailOf(req)?.upgraded() ?? [])))
  const sockets = new Set<TranscribeSocket>()
  /** By session id; also those that are parked, and those that are ending. */
  const running = new Map<string, Running>()
  /** Admitted sessions by user, also those whose backend is still opening. */
  const admitted = createTally()
  /** Connections by user that may go on with a session of this process. */
  const returning = createTally()
  /**
   * Sessions of elsewhere that their user is being let into. The token is taken by then, but its answer
   * may never arrive: whoever shows it again meanwhile must not be given another session instead.
   */
  const resuming = new Set<string>()
  /** What admitted clients are in, from the admission to the settled lease. */
  const sessions = new Set<Promise<void>>()
  const openings = new AbortController()
  let draining = false
  const { metrics = createMetrics() } = deps
  const measures = createStreamMeasures(metrics)
  metrics.watch('saywire_sockets', () => sockets.size, { kind: 'transcribe' })
  const live = (state: string, count: () => number): void =>
    metrics.watch('saywire_sessions_live', count, { state })
  live('opening', () => admitted.total - running.size)
  live('parked', () => countParked([...running.values()]))
  live('connected', () => running.size - countParked([...running.values()]))

  function handleUpgrade(req: IncomingMessage, rawSocket: Duplex, head: Buffer): void {
    if (draining) {
      return refuseUpgrade(rawSocket, 'server_draining', RESTARTING, RETRY_AFTER_S)
    }
    const seat = deps.waitingRoom.enter(deps.readAddress(req).group)
    if (!seat) {
      const message = 'Too many connections wait for their login. Try again shortly.'
      return refuseUpgrade(rawSocket, 'rate_limited', message, RETRY_AFTER_S)
    }
    // An upgrade that ws refuses closes the socket without ever calling back.
    rawSocket.once('close', seat.leave)
    wss.handleUpgrade(req, rawSocket, head, (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      const { log } = trailOf(req) ?? deps
      const client = createStreamSocket(socket, limits, deps.now, log)
      client.span = trailOf(req)?.span
      client.onFail = (code) => metrics.count('saywire_sockets_refused_total', { code })
      serve(client, seat.leave).catch((error: unknown) => {
        if (isDatabaseUnavailable(error)) {
          client.log.warn({ err: error }, 'no session without the database')
          return client.fail('busy', NO_SESSION_NOW, 2000)
        }
        client.log.error({ err: error }, 'stream connection failed')
        client.fail('internal', SOMETHING_WRONG, 2000)
      })
    })
  }

  /** @param authenticated called when the client has shown who it is */
  async function serve(client: StreamSocket, authenticated: () => void): Promise<void> {
    const auth = await awaitAuth(client, limits.authTimeoutMs)
    if (!auth) return
    const user = await deps.verifyToken(auth.token)
    if (!user) return client.fail('unauthenticated', 'The session has expired. Log in again.')
    authenticated()
    if (draining) return client.fail('server_draining', RESTARTING)
    if (returning.of(user.userId) >= RETURNING_MAX_PER_USER) {
      return client.fail('busy', NO_SESSION_NOW, NO_SEAT_RETRY_MS)
    }
    const returned = returning.add(user.userId)
    if (await resumeHere(client, user, auth).finally(returned)) return
    if (draining) return client.fail('server_draining', RESTARTING)
    const { userId } = user
    if (isFull(auth.resume?.resume_token !== undefined)) {
      return client.fail('busy', 'The server has no free session. Try again shortly.', 5000)
    }
    // The leases decide, over all processes. Who is over the limit on this one alone need not wait
    // for that, nor make the database work; who takes over a session may be one too many for a moment.
    const max = limits.sessionsMaxPerUser * (auth.resume ? 2 : 1)
    if (admitted.of(userId) - parkedOf(userId) >= max) {
      return client.fail('too_many_connections', tooManySessions(limits.sessionsMaxPerUser))
    }
    if (admitted.of(userId) >= limits.sessionsMaxPerUser * SEATS_PER_SESSION) {
      return client.fail('busy', NO_SESSION_NOW, NO_SEAT_RETRY_MS)
    }
    const leave = admitted.add(userId)
    const session = runSession(client, user, auth).finally(() => {
      leave()
      sessions.delete(session)
    })
    sessions.add(session)
    await session
  }

  /** A session of this process goes on in its place: it takes no further seat, and no database. */
  async function resumeHere(
    client: StreamSocket,
    { userId, loginId }: Caller,
    auth: AuthMessage,
  ): Promise<boolean> {
    const session = running.get(auth.resume?.session_id ?? '')
    if (!session || session.userId !== userId || !auth.resume?.resume_token) return false
    if (!(await session.connection.resume(client, auth))) return false
    session.watchLogin(loginId)
    return true
  }

  /** Who has a session already, here or elsewhere, goes on with it all the same. */
  function isFull(isComingBack: boolean): boolean {
    if (admitted.total >= limits.sessionsMax) return true
    return !isComingBack && admitted.total >= limits.sessionsAlways && load.share > limits.loadMax
  }

  function parkedOf(userId: string): number {
    return countParked([...running.values()].filter((one) => one.userId === userId))
  }

  async function runSession(
    client: StreamSocket,
    { userId, loginId }: Caller,
    auth: AuthMessage,
  ): Promise<void> {
    const { signal } = openings
    const { session_id, resume_token } = auth.resume ?? {}
    const resumed = resume_token === undefined ? undefined : `${userId} ${session_id}`
    if (resumed !== undefined) {
      if (resuming.has(resumed)) return client.fail('busy', IS_RESUMING, IS_RESUMING_RETRY_MS)
      resuming.add(resumed)
    }
    const session = await admitStreamSession(
      { ...deps, limits, measures },
      client,
      userId,
      auth,
      signal,
    ).finally(() => resumed !== undefined && resuming.delete(resumed))
    if (!session) return
    const { sessionId, connection } = session
    let unwatch: (() => void) | undefined
    const watchLogin = (id: string | undefined): void => {
      unwatch?.()
      unwatch = id === undefined ? undefined : loginWatch.watch(id, connection.revoke)
    }
    const entry = { ...session, userId, watchLogin }
    running.set(sessionId, entry)
    if (draining) void connection.drain()
    watchLogin(loginId)
    await connection.finished
    unwatch?.()
    // It may have been resumed anew as soon as it was settled.
    if (running.get(sessionId) === entry) running.delete(sessionId)
  }

  return {
    handleUpgrade,
    async drain() {
      draining = true
      openings.abort()
      const inTime = AbortSignal.timeout(limits.drainTimeoutMs)
      const late = new Promise((resolve) => inTime.addEventListener('abort', resolve))
      for (const { connection } of running.values()) void connection.drain()
      await Promise.race([
        Promise.allSettled(sessions).then(async () => deps.leases.settled()),
        late,
      ])
      for (const socket of sockets) socket.close(CLOSE_CODE_BY_ERROR.server_draining)
      // One turn for the last messages to leave; a client that never closes is cut off.
      await new Promise((resolve) => setTimeout(resolve, 100))
      for (const socket of sockets) socket.terminate()
    },
  }
}

function countParked(sessions: readonly Running[]): number {
  return sessions.filter(({ connection }) => connection.isParked).length
}
