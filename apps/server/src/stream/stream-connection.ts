import type { SessionEndReason, TranscribeConfig } from '@saywire/protocol'
import {
  AUDIO_BURST_MS,
  AUDIO_MAX_RATE,
  BYTES_PER_MS,
  CLOSE_CODE_BY_ERROR,
  CLOSE_DONE,
  MAX_AUDIO_MESSAGE_BYTES,
} from '@saywire/protocol'
import { createTokenBucket, SpeechError } from '@saywire/speech'
import type { Logger } from 'pino'
import type { KeptLease } from '../billing/lease-keeper.ts'
import { createAudioMeter } from './audio-meter.ts'
import { parseClientMessage } from './client-message.ts'
import { createCreditWarnings } from './credit-warnings.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { StreamSocket } from './stream-socket.ts'
import type { Upstream } from './upstream.ts'
import { warnOfDrift } from './provider-drift.ts'
import { createSampleJoiner } from './whole-samples.ts'
import { errorOf, NO_CREDIT, RESTARTING, toWireError } from './wire-messages.ts'

/**
 * Text messages are few in any honest session (20 a second after a burst of 50): a flood of them
 * must not cost the other sessions anything.
 */
const MESSAGE_RATE = { burst: 50, perMs: 20 / 1000 }
/** A message of audio, however short, counts as so much: tiny ones cost more than they say. */
const MESSAGE_COST_MIN_MS = 2.5

export interface StreamConnectionDeps {
  readonly log: Logger
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly limits: StreamLimits
}

const NOT_OURS = 'This session goes on elsewhere, or lost its place here. Connect again to go on.'
/** Failures of ours after which audio that got no final is given back. */
const FAILED_USER: ReadonlySet<SessionEndReason> = new Set(['upstream_lost', 'busy', 'internal'])

export interface StreamConnection {
  /** Tells the client that the server is going down, flushes its finals, and ends the session. */
  drain(): Promise<void>
  /** The login has ended: flushes the last finals, and ends the session. */
  revoke(): void
  /** The speech backend failed: tells the client from where to resume, and ends the session. */
  fail(error: SpeechError): void
  /** Resolves when the session is over and settled, or its settling is put off. */
  readonly finished: Promise<void>
}

/**
 * One running transcription: audio from the client to the speech backend, exact accounts of what
 * was forwarded, and one orderly end whatever happens. Nothing here awaits the database while
 * audio flows.
 */
export function runStreamConnection(
  deps: StreamConnectionDeps,
  client: StreamSocket,
  upstream: Upstream,
  lease: KeptLease,
): StreamConnection {
  const { limits, now, log } = deps
  const meter = createAudioMeter()
  const warnings = createCreditWarnings(limits.creditsLowSeconds)
  // Audio that comes faster is a bug or somebody's credits burning, and it costs upstream either way.
  const audioRate = createTokenBucket(now(), { burst: AUDIO_BURST_MS, perMs: AUDIO_MAX_RATE })
  const messageRate = createTokenBucket(now(), MESSAGE_RATE)
  const toWholeSamples = createSampleJoiner()
  let ackedMs = 0
  let malformed = 0
  let failure: SpeechError | undefined
  let reconfiguring = false
  /** Audio waits for its cover, and the client is not read. */
  let uncovered = false
  let unreadSinceMs: number | undefined
  let lastHeardMs = now()
  let lastConfigureMs = Number.NEGATIVE_INFINITY
  let finalizedBytes = 0
  /** Since when the backend is so far behind that the client is not read. */
  let behindSinceMs: number | undefined
  let ended: Promise<void> | undefined
  let resolveFinished: () => void
  const finished = new Promise<void>((resolve) => {
    resolveFinished = resolve
  })

  function acknowledge(): void {
    if (meter.usedMs === ackedMs) return
    ackedMs = meter.usedMs
    client.send({ type: 'ack', audio_ms: ackedMs })
  }

  function onMessage(data: Buffer, isBinary: boolean): void {
    if (ended) return
    lastHeardMs = now()
    if (isBinary) onAudio(data)
    else onText(data)
  }

  function onAudio(data: Buffer): void {
    if (data.byteLength === 0) return onMalformed('An audio message must not be empty.')
    const costMs = Math.max(data.byteLength / BYTES_PER_MS, MESSAGE_COST_MIN_MS)
    if (!audioRate.take(costMs, lastHeardMs)) {
      return void end('too_fast', 'Audio arrives faster than twice real time. Send it as spoken.')
    }
    forward(toWholeSamples(data))
  }

  /** Whole samples, up to the end of the cover; the rest waits for more. */
  function forward(audio: Buffer): void {
    const covered = meter.take(audio.byteLength, lease.coveredMs)
    if (covered > 0) upstream.write(audio.subarray(0, covered))
    lease.forwarded(sentMs())
    if (covered < audio.byteLength) void awaitCover(audio.subarray(covered))
    else if (upstream.bufferedMs > limits.upstreamBufferMaxMs) {
      behindSinceMs = lastHeardMs
      stopReading()
    }
  }

  /** What a crash would leave on the books: never more than has left this process. */
  function sentMs(): number {
    return Math.max(0, Math.floor(meter.usedMs - upstream.bufferedMs))
  }

  async function awaitCover(rest: Buffer): Promise<void> {
    uncovered = true
    stopReading()
    const outcome = await lease.extend(meter.usedMs)
    uncovered = false
    if (ended) return
    if (outcome === 'lost') return void end('lease_lost', NOT_OURS)
    if (outcome === 'dry') return void end('insufficient_credits', NO_CREDIT)
    forward(rest)
    if (mayReceive()) read()
  }

  function stopReading(): void {
    unreadSinceMs ??= now()
    client.receive(undefined)
  }

  function read(): void {
    // What was spoken while we did not listen comes all at once, and is not too fast.
    if (unreadSinceMs !== undefined) audioRate.give(now() - unreadSinceMs)
    unreadSinceMs = undefined
    client.receive(onMessage)
  }

  function mayReceive(): boolean {
    return !reconfiguring && !uncovered && upstream.bufferedMs < limits.upstreamBufferMaxMs / 2
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
        if (meter.usedBytes > finalizedBytes) upstream.finalize()
        finalizedBytes = meter.usedBytes
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
    client.send({ type: 'error', code: 'bad_message', message: problem })
  }

  function configure(changes: TranscribeConfig): void {
    if (!upstream.changes(changes)) return
    if (lastHeardMs - lastConfigureMs < limits.configureIntervalMs) {
      return onMalformed(`Settings may change every ${limits.configureIntervalMs} ms at most.`)
    }
    lastConfigureMs = lastHeardMs
    reconfiguring = true
    stopReading()
    upstream
      .reconfigure(changes, meter.usedBytes / BYTES_PER_MS)
      .catch(fail)
      .finally(() => {
        reconfiguring = false
        read()
      })
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

  async function finish(wanted: SessionEndReason, message?: string): Promise<void> {
    clearInterval(ticker)
    // What has not left this process when its lease is lost never will, and is not charged.
    let usedMs = sentMs()
    if (wanted === 'lease_lost') upstream.abort()
    else {
      await upstream.close()
      // Nor is audio that a failed backend never took.
      usedMs = failure ? Math.min(meter.usedMs, upstream.usageMs) : meter.usedMs
    }
    acknowledge()
    const failed = failure ? toWireError(failure, upstream.horizonMs) : undefined
    const isOurFault = failed !== undefined && FAILED_USER.has(failed.code)
    // A client that was told to connect again need not be told why it would have to.
    const lost = wanted === 'server_draining' ? undefined : failed
    const settled = await lease.settle({
      audioMs: usedMs,
      reason: lost?.code ?? wanted,
      creditedMs: isOurFault ? Math.max(0, usedMs - Math.floor(upstream.horizonMs)) : 0,
      backend: upstream.backend,
      receipt: upstream.receipt,
    })
    warnOfDrift(log, upstream.receipt, usedMs)
    const reason = lost?.code ?? (settled === 'lost' ? 'lease_lost' : wanted)
    const code = errorOf(reason)
    const told = reason === wanted ? message : NOT_OURS
    const resumeFromMs = Math.floor(upstream.horizonMs)
    if (lost) client.send(lost)
    else if (told !== undefined && code)
      client.send({ type: 'error', code, message: told, resume_from_ms: resumeFromMs })
    const secondsUsed = Math.round(usedMs / 1000)
    client.send({ type: 'session_end', seconds_used: secondsUsed, used_ms: usedMs, reason })
    client.close(code ? CLOSE_CODE_BY_ERROR[code] : CLOSE_DONE, reason)
    log.info({ used_ms: usedMs, reason }, 'session ended')
    resolveFinished()
  }

  function tick(): void {
    const nowMs = now()
    acknowledge()
    lease.forwarded(sentMs())
    client.checkAlive(nowMs)
    if (client.receiving && nowMs - lastHeardMs > limits.idleMs) void end('idle')
    else if (mayReceive()) {
      behindSinceMs = undefined
      read()
    } else if (behindSinceMs !== undefined && nowMs - behindSinceMs > limits.upstreamStallMs) {
      fail(new SpeechError('upstream_lost', 'The speech backend does not take audio any more.'))
    }
  }

  const ticker = setInterval(tick, limits.tickMs)
  const tooLarge = `A message may have ${MAX_AUDIO_MESSAGE_BYTES} bytes at most.`
  client.onOversized(() => void end('frame_too_large', tooLarge))
  client.onClose(() => void end('client_gone'))
  lease.watch({
    onLost: () => void end('lease_lost', NOT_OURS),
    onUnspent(unspentMs) {
      const secondsRemaining = warnings.update(unspentMs)
      if (secondsRemaining !== undefined && !ended) {
        client.send({ type: 'credits_low', seconds_remaining: secondsRemaining })
      }
    },
  })
  if (!ended) read()

  return {
    async drain() {
      if (!ended) {
        client.send({
          type: 'error',
          code: 'server_draining',
          message: RESTARTING,
          resume_from_ms: Math.floor(upstream.horizonMs),
        })
      }
      await end('server_draining')
    },
    revoke: () => void end('unauthenticated', 'This login has ended. Log in again.'),
    fail,
    finished,
  }
}
