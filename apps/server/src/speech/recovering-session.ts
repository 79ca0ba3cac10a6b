import { setTimeout as sleep } from 'node:timers/promises'
import type { SpeechEvent, SpeechOptions, SpeechSession } from '@saywire/speech'
import {
  createLazyEngineWatchdog,
  createTokenBucket,
  EventQueue,
  forEachEvent,
  SpeechError,
} from '@saywire/speech'
import type { Metrics } from '../operations/metrics.ts'
import { asSpeechError } from './as-speech-error.ts'
import { createKeptAudio } from './kept-audio.ts'
import type { OpenBackend, OpenedBackend, RecoveryDeps } from './recovering-engine.ts'
import { createRetryPlan } from './retry-plan.ts'
import { createSaidOnce } from './said-once.ts'
import type { UpstreamPlace } from './upstream-pool.ts'

/** A backend that lives so long, or says anything at all, has recovered; its loss is another one. */
const STABLE_AFTER_MS = 10_000
/** Replacements of one session: each costs the host its replay. */
const REPLACEMENTS = { burst: 10, perMs: 1 / 10_000 }

export interface RecoveringSessionDeps extends Pick<RecoveryDeps, 'limits' | 'now' | 'random'> {
  readonly openBackend: OpenBackend
  readonly metrics: Metrics
  /** Held until the session ends. */
  readonly place: UpstreamPlace
  readonly options: SpeechOptions
  readonly signal: AbortSignal
}

/** One backend's turn. Positions are ms on the session's clock. */
interface Turn extends OpenedBackend {
  /** Of the first sample that it was given. */
  readonly baseMs: number
  /** Only words that lie here or later are new. */
  readonly fromMs: number
  readonly beganAtMs: number
  /** What it was sent, ms. */
  sentMs: number
}

/**
 * A session over one backend after the other. Each is fed from the horizon, less a pre-roll, and
 * only its words from the horizon on are passed on: so each word comes once and in order.
 */
export function createRecoveringSession(
  deps: RecoveringSessionDeps,
  first: OpenedBackend,
): SpeechSession {
  const { limits, now, options, place, signal, metrics } = deps
  const startMs = options.startMs ?? 0
  const events = new EventQueue<SpeechEvent>()
  const kept = createKeptAudio(startMs, limits.replayMs)
  const watchdog = createLazyEngineWatchdog(limits.watchdog)
  const retries = createRetryPlan(limits.giveUpAfterMs, deps.random)
  const replacements = createTokenBucket(now(), REPLACEMENTS)
  const saidOnce = createSaidOnce()
  const ended = new AbortController()
  let { backend } = first.session
  let turn: Turn | undefined
  let closing = false
  /** Sent to backends that were lost, and give no receipt. */
  let lostSentMs = 0
  /** Heard by nobody. */
  let skippedMs = 0
  /** Written to the network, at least; what is behind it waits. */
  let deliveredMs = startMs
  const ticker = setInterval(tick, limits.tickMs)
  signal.addEventListener('abort', abort, { once: true })
  begin({ ...first, baseMs: startMs, fromMs: startMs, beganAtMs: now(), sentMs: 0 })

  function begin(next: Turn): void {
    turn = next
    void listen(next)
  }

  function end(error?: SpeechError): void {
    if (ended.signal.aborted) return
    clearInterval(ticker)
    signal.removeEventListener('abort', abort)
    ended.abort()
    turn?.drop()
    turn = undefined
    place.leave()
    if (error) events.push({ type: 'error', error })
    events.end()
  }

  function abort(): void {
    // Unlike end(), this also drops what the reader has not taken yet.
    void events.return()
    end()
  }

  async function listen(to: Turn): Promise<void> {
    try {
      await forEachEvent(to.session.events, (event) => {
        if (to !== turn) return false
        if (event.type === 'error') lose(to, event.error)
        else hear(to, event)
        return to === turn
      })
    } catch (cause) {
      return lose(to, asSpeechError(cause))
    }
    if (to !== turn) return
    if (closing) end()
    else lose(to, lost('The speech backend ended in the middle of the session.'))
  }

  function hear(from: Turn, event: SpeechEvent): void {
    if (event.type === 'usage') return addUsage(from, event.audioMs)
    if (event.type === 'receipt') {
      return events.push({ ...event, audioMs: event.audioMs + Math.round(lostSentMs) })
    }
    revive()
    if (event.type === 'final') kept.commit(event.endMs)
    const news = saidOnce(event, from.fromMs)
    if (news) events.push(news)
  }

  function revive(): void {
    watchdog.heard(now())
    retries.succeeded()
  }

  /** Each ms of the session counts once, however many backends have heard it. */
  function addUsage(from: Turn, audioMs: number): void {
    from.sentMs = audioMs
    kept.take(from.baseMs + audioMs)
    const uniqueMs = kept.takenMs - startMs - skippedMs
    const replayedMs = Math.max(0, Math.round(lostSentMs + audioMs - uniqueMs))
    const usage = { type: 'usage', audioMs: Math.floor(uniqueMs) } as const
    events.push(replayedMs > 0 ? { ...usage, replayedMs } : usage)
  }

  function tick(): void {
    if (!turn) return
    const { session, beganAtMs } = turn
    const heardMs = session.horizonMs ?? kept.horizonMs
    if (heardMs > kept.horizonMs) {
      // A final without words tells that there are none, and that somebody listens.
      kept.commit(heardMs)
      revive()
    }
    if (now() - beganAtMs > STABLE_AFTER_MS) retries.succeeded()
    const verdict = watchdog.check(session.bufferedMs, now())
    if (verdict === 'silent') lose(turn, lost('The speech backend says nothing to speech.'))
    if (verdict === 'stuck') lose(turn, lost('The speech backend takes no audio any more.'))
  }

  function lose(from: Turn, error: SpeechError): void {
    if (from !== turn) return
    turn = undefined
    metrics.count('saywire_upstream_errors_total', { kind: error.code })
    kept.commit(Math.max(from.session.horizonMs ?? 0, error.resumeFromMs ?? 0))
    lostSentMs += from.sentMs
    from.drop()
    // A backend that fails to say goodbye takes nothing with it.
    if (closing && kept.endMs - kept.horizonMs < 1) return end()
    if (!error.retryable) return end(at(error))
    if (!replacements.take(1, now())) return end(at(lost(error.message, error)))
    events.push({ type: 'reconnecting', cause: error })
    replace(error).catch((cause: unknown) => end(at(asSpeechError(cause))))
  }

  /** Tries until there is another backend, or the time is over. */
  async function replace(loss: SpeechError): Promise<void> {
    let failure = loss
    for (;;) {
      const attempt = retries.next(now(), failure.retryAfterMs)
      if (!attempt) return end(at(lost(GIVEN_UP, failure)))
      try {
        await sleep(attempt.delayMs, undefined, { signal: ended.signal })
        return takeOver(...(await open(attempt.leftMs)))
      } catch (cause) {
        if (ended.signal.aborted) return
        failure = asSpeechError(cause)
        if (!failure.retryable) return end(at(failure))
      }
    }
  }

  async function open(leftMs: number): Promise<[OpenedBackend, number]> {
    const byMs = now() + leftMs
    const turnsUp = AbortSignal.timeout(Math.ceil(leftMs))
    await place.redial(AbortSignal.any([ended.signal, turnsUp])).catch((cause: unknown) => {
      throw turnsUp.aborted ? lost(GIVEN_UP) : cause
    })
    const baseMs = kept.replayFromMs
    const timeoutMs = Math.max(0, Math.min(limits.openTimeoutMs, byMs - now()))
    const again = { ...options, startMs: baseMs }
    return [await deps.openBackend(place, again, ended.signal, timeoutMs), baseMs]
  }

  function takeOver(opened: OpenedBackend, baseMs: number): void {
    if (ended.signal.aborted) return opened.drop()
    ;({ backend } = opened.session)
    const unheardMs = kept.replay(opened.session, baseMs)
    skippedMs += unheardMs
    events.push({ type: 'recovered', ...(unheardMs > 0 ? { skippedMs: unheardMs } : {}) })
    metrics.count('saywire_upstream_replacements_total')
    const fromMs = kept.horizonMs
    begin({ ...opened, baseMs, fromMs, beganAtMs: now(), sentMs: 0 })
    if (closing) void opened.session.close()
  }

  function at(error: SpeechError): SpeechError {
    const { code, message, retryable, retryAfterMs, cause } = error
    const details = { retryable, resumeFromMs: kept.horizonMs, cause }
    const retry = retryAfterMs === undefined ? {} : { retryAfterMs }
    return new SpeechError(code, message, { ...details, ...retry })
  }

  return {
    get backend() {
      return backend
    },
    events,
    get horizonMs() {
      return kept.horizonMs
    },
    get bufferedMs() {
      if (ended.signal.aborted) return 0
      if (turn) deliveredMs = Math.max(deliveredMs, kept.endMs - turn.session.bufferedMs)
      return Math.max(0, Math.floor(kept.endMs - deliveredMs))
    },
    write(pcm) {
      if (closing || ended.signal.aborted) return
      kept.append(pcm)
      watchdog.wrote(pcm, now())
      turn?.session.write(pcm)
    },
    finalize() {
      if (closing || ended.signal.aborted) return
      kept.finalize()
      turn?.session.finalize()
    },
    async close() {
      const isFirst = !closing
      // Before: what it says in answer is handed over at once.
      closing = true
      if (isFirst) void turn?.session.close()
      if (ended.signal.aborted) return
      await new Promise((resolve) => ended.signal.addEventListener('abort', resolve))
    },
  }
}

const GIVEN_UP = 'The speech provider was lost and did not come back in time. Try again shortly.'

function lost(message: string, cause?: SpeechError): SpeechError {
  const retry = cause?.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }
  return new SpeechError('upstream_lost', message, { retryable: true, cause, ...retry })
}
