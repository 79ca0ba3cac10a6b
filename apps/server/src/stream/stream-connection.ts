import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthMessage, SessionEndReason, TranscribeConfig } from '@saywire/protocol'
import { BYTES_PER_MS, CLOSE_DONE, MAX_AUDIO_MESSAGE_BYTES } from '@saywire/protocol'
import type { SpeechError } from '@saywire/speech'
import { createTokenBucket } from '@saywire/speech'
import type { Logger } from 'pino'
import type { LoginEnd } from '../accounts/devices.ts'
import { hashOpaqueToken } from '../opaque-token.ts'
import type { Span } from '../operations/tracing.ts'
import type { Admission } from './admission.ts'
import { createAudioIntake } from './audio-intake.ts'
import type { AudioMeter } from './audio-meter.ts'
import type { ClientLink } from './client-link.ts'
import { parseClientMessage } from './client-message.ts'
import { createCreditWarnings } from './credit-warnings.ts'
import type { ResumeTicket } from './resume-token.ts'
import { createResumeTickets } from './resume-token.ts'
import { endSession, progressOf, sentMs } from './session-end.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { StreamMeasures, WordsWatch } from './stream-measures.ts'
import type { StreamSocket } from './stream-socket.ts'
import type { Upstream } from './upstream.ts'
import {
  LOGIN_END_MESSAGES,
  LOSS_MESSAGES,
  NOT_OURS,
  SOMETHING_WRONG,
  toWireError,
} from './wire-messages.ts'

/**
 * Text messages are few in any honest session (20 a second after a burst of 50): a flood of them
 * must not cost the other sessions anything.
 */
const MESSAGE_RATE = { burst: 50, perMs: 20 / 1000 }

export interface StreamConnectionDeps extends Omit<Admission, 'giveUp' | 'start' | 'replay'> {
  readonly log: Logger
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly limits: StreamLimits
  readonly link: ClientLink
  readonly meter: AudioMeter
  readonly upstream: Upstream
  readonly measures: StreamMeasures
  /** Of the session, in its trace. */
  readonly span: Span | undefined
  readonly words: WordsWatch
}

export interface StreamConnection {
  /**
   * Goes on over this connection, whatever has become of the one before.
   * @returns false where the token is not, or not any more, this session's, or the session is over
   */
  resume(client: StreamSocket, auth: AuthMessage): Promise<boolean>
  /** The client is away, and may come back. */
  readonly isParked: boolean
  /** Tells the client that the server is going down, flushes its finals, and ends the session. */
  drain(): Promise<void>
  /** The login has ended, and why: flushes the last finals, and ends the session. */
  revoke(why: LoginEnd): void
  /** The speech backend failed: tells the client from where to resume, and ends the session. */
  fail(error: SpeechError): void
  /** Resolves when the session is over and settled, or its settling is put off. */
  readonly finished: Promise<void>
}

/**
 * One running transcription: audio from the client to the speech backend, exact accounts of what
 * was forwarded, and one orderly end whatever happens. A client that is cut off leaves it parked:
 * everything stays as it is until the client comes back, or the time for that is over. Nothing
 * here awaits the database while audio flows.
 */
export function runStreamConnection(
  deps: StreamConnectionDeps,
  client: StreamSocket,
): StreamConnection {
  const { limits, now, log, link, meter, upstream, lease } = deps
  const { sessionId } = lease
  const warnings = createCreditWarnings(limits.creditsLowSeconds)
  const messageRate = createTokenBucket(now(), MESSAGE_RATE)
  const tickets = createResumeTickets(deps.ticket.hash, deps.tokenHash)
  let ackedMs = meter.positionMs
  let malformed = 0
  let failure: SpeechError | undefined
  let lastHeardMs = now()
  let lastConfigureMs = Number.NEGATIVE_INFINITY
  let finalizedBytes = meter.positionBytes
  /** Since when the client is away. */
  let parkedSinceMs: number | undefined
  /** A connection is about to replace the one before. */
  let arriving: Promise<unknown> | undefined
  let ended: Promise<void> | undefined
  let resolveFinished: () => void
  const finished = new Promise<void>((resolve) => {
    resolveFinished = resolve
  })
  const intake = createAudioIntake({
    now,
    limits,
    meter,
    upstream,
    lease,
    measures: deps.measures,
    onForwarded(bufferedMs) {
      deps.words.heard()
      lease.forwarded(sentMs(deps, bufferedMs))
    },
    listen: (on) => link.socket?.receive(on ? onMessage : undefined),
    end: (reason, message) => void end(reason, message),
    fail,
  })

  function acknowledge(): void {
    if (meter.positionMs === ackedMs) return
    ackedMs = meter.positionMs
    link.send({ type: 'ack', audio_ms: ackedMs })
  }

  function onMessage(data: Buffer, isBinary: boolean): void {
    if (ended) return
    try {
      lastHeardMs = now()
      noteArrival()
      if (!isBinary) onText(data)
      else if (data.byteLength === 0) onMalformed('An audio message must not be empty.')
      else intake.take(data, lastHeardMs)
    } catch (error) {
      // A fault that one session brings to light must not end all others; this one is in no known state.
      log.error({ err: error }, 'message could not be handled')
      void end('internal', SOMETHING_WRONG)
    }
  }

  /** The client has shown that it is there with its newest token. */
  function noteArrival(): void {
    if (tickets.arrived()) void lease.note({ isCut: false, tokenHashBefore: null })
  }

  function onText(data: Buffer): void {
    if (!messageRate.take(1, lastHeardMs)) return onMalformed('There are too many messages.')
    const parsed = parseClientMessage(data)
    if (!parsed.ok) return onMalformed(parsed.problem)
    switch (parsed.message.type) {
      case 'auth':
        return onMalformed('This connection is already authenticated.')
      case 'keepalive':
        return acknowledge()
      case 'finalize':
        // Without audio since the last one there is nothing to finalise.
        if (meter.positionBytes > finalizedBytes) upstream.finalize()
        finalizedBytes = meter.positionBytes
        return acknowledge()
      case 'configure': {
        const { type: _type, config, ...flat } = parsed.message
        return configure({ ...config, ...flat })
      }
      case 'stop':
        return void end('stopped')
    }
  }

  function onMalformed(problem: string): void {
    malformed += 1
    if (malformed >= limits.malformedMax) return void end('bad_message', problem)
    log.info({ malformed }, 'malformed message ignored')
    link.send({ type: 'error', code: 'bad_message', message: problem })
  }

  function configure(changes: TranscribeConfig): void {
    if (!upstream.changes(changes)) return
    if (lastHeardMs - lastConfigureMs < limits.configureIntervalMs) {
      return onMalformed(`Settings may change every ${limits.configureIntervalMs} ms at most.`)
    }
    lastConfigureMs = lastHeardMs
    reconfigure(changes)
  }

  function reconfigure(changes: TranscribeConfig): void {
    const atMs = meter.positionBytes / BYTES_PER_MS
    void intake.hold(upstream.reconfigure(changes, atMs).catch(fail))
  }

  function fail(error: SpeechError): void {
    if (failure) return
    failure = error
    log.warn({ err: error, code: error.code }, 'speech backend failed')
    // Where the session is ending already, its end tells: the last finals may be missing.
    if (!ended) void end(toWireError(error, 0).code)
  }

  /** @param message what the client is told after its last finals; nothing where it knows already */
  function end(reason: SessionEndReason, message?: string): Promise<void> {
    ended ??= finish(reason, message)
    return ended
  }

  async function finish(reason: SessionEndReason, message?: string): Promise<void> {
    clearInterval(ticker)
    intake.stop()
    await endSession({ ...deps, acknowledge }, reason, message, () => failure)
    resolveFinished()
  }

  /** The client went without a word: all stays as it is, for a while. */
  function park(): void {
    link.detach()
    if (ended) return
    parkedSinceMs = now()
    void lease.note({ isCut: true })
    deps.measures.metrics.count('saywire_sessions_parked_total')
    deps.span?.event('parked')
    log.info({ position_ms: meter.positionMs }, 'client cut off, session parked')
    if (limits.resumeWindowMs <= 0) void end('client_gone')
  }

  /** @param awayMs what was spoken for so long comes at once, and is not too fast */
  function attach(
    socket: StreamSocket,
    ticket: ResumeTicket,
    awayMs: number,
    horizonMs?: number,
  ): void {
    const fromMs = intake.resume(awayMs)
    parkedSinceMs = undefined
    lastHeardMs = now()
    ackedMs = fromMs
    const ready = {
      type: 'ready',
      session_id: sessionId,
      resume_token: ticket.token,
      resume_from_ms: fromMs,
      backend: upstream.backend,
    } as const
    link.attach(socket, ready, horizonMs)
    deps.span?.event('ready')
    socket.onFail = undefined
    socket.onOversized(() => {
      if (link.socket !== socket) return
      void end('frame_too_large', `A message may have ${MAX_AUDIO_MESSAGE_BYTES} bytes at most.`)
    })
    socket.onClose((code) => {
      if (link.socket !== socket) return
      if (code === CLOSE_DONE) {
        link.detach()
        void end('client_gone')
      } else park()
    })
    if (!ended && intake.isOpen() && link.socket) socket.receive(onMessage)
  }

  function tick(): void {
    const nowMs = now()
    link.update()
    acknowledge()
    lease.forwarded(sentMs(deps, upstream.bufferedMs))
    const { socket } = link
    socket?.checkAlive(nowMs, link.isUnconfirmed)
    if (socket && socket.pings.answered > 0) noteArrival()
    const isOver = parkedSinceMs !== undefined && nowMs - parkedSinceMs > limits.resumeWindowMs
    if (isOver && !arriving) void end('client_gone')
    else if (link.overflowed) void end('client_gone')
    else if (socket?.receiving && nowMs - lastHeardMs > limits.idleMs) void end('idle')
    else intake.update(nowMs)
  }

  const ticker = setInterval(tick, limits.tickMs)
  lease.watch({
    onLost: (reason) => void end(reason, LOSS_MESSAGES[reason]),
    onUnspent(unspentMs) {
      const secondsRemaining = warnings.update(unspentMs)
      if (secondsRemaining !== undefined && !ended) {
        link.send({ type: 'credits_low', seconds_remaining: secondsRemaining })
      }
    },
    progress: () => progressOf(deps, upstream.bufferedMs),
  })
  attach(client, deps.ticket, deps.awayMs)

  return {
    async resume(next, { config, resume }) {
      while (arriving) await arriving
      const token = resume?.resume_token ?? ''
      const ticket = ended ? undefined : tickets.exchange(token)
      if (!ticket) return false
      const { socket: old } = link
      link.detach()
      parkedSinceMs ??= now()
      // To us it still seemed to be there: but whoever holds the token is the client. What the old
      // connection may still bring is sent again.
      old?.receive(() => undefined)
      old?.fail('lease_lost', NOT_OURS)
      const tokenHashBefore = hashOpaqueToken(token)
      const noted = lease.note({ isCut: false, tokenHash: ticket.hash, tokenHashBefore })
      arriving = Promise.race([noted, sleep(limits.ticketTimeoutMs, undefined, { ref: false })])
      await arriving
      arriving = undefined
      if (ended) return false
      const awayMs = Math.round(now() - lastHeardMs)
      attach(next, ticket, awayMs, resume?.horizon_ms)
      deps.measures.metrics.count('saywire_sessions_resumed_total')
      // With the id of the request that brought it back, too.
      next.log = next.log.child({ session_id: sessionId })
      next.log.info({ away_ms: awayMs, position_ms: meter.positionMs }, 'session resumed')
      if (upstream.changes(config)) reconfigure(config)
      return true
    },
    get isParked() {
      return parkedSinceMs !== undefined
    },
    drain: async () => end('server_draining'),
    revoke: (why) => void end(why, LOGIN_END_MESSAGES[why]),
    fail,
    finished,
  }
}
