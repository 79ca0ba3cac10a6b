import { setTimeout as sleep } from 'node:timers/promises'
import type {
  EngineWatchdog,
  SpeechEvent,
  SpeechOptions,
  SpeechSession,
  TokenBucket,
} from '@saywire/speech'
import {
  createLazyEngineWatchdog,
  createTokenBucket,
  EventQueue,
  forEachEvent,
  SpeechError,
} from '@saywire/speech'
import type { Metrics } from '../operations/metrics.ts'
import { asSpeechError } from './as-speech-error.ts'
import { KeptAudio } from './kept-audio.ts'
import type { OpenBackend, OpenedBackend, RecoveryDeps } from './recovering-engine.ts'
import type { RetryPlan } from './retry-plan.ts'
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
export class RecoveringSession implements SpeechSession {
  readonly events = new EventQueue<SpeechEvent>()
  readonly #deps: RecoveringSessionDeps
  readonly #now: () => number
  readonly #startMs: number
  readonly #kept: KeptAudio
  readonly #watchdog: EngineWatchdog
  readonly #retries: RetryPlan
  readonly #replacements: TokenBucket
  readonly #saidOnce = createSaidOnce()
  readonly #ended = new AbortController()
  readonly #ticker: NodeJS.Timeout
  readonly #abort = (): void => {
    // Unlike #end(), this also drops what the reader has not taken yet.
    void this.events.return()
    this.#end()
  }
  #backend: string
  #turn: Turn | undefined
  #isEnded = false
  #closing = false
  /** Sent to backends that were lost, and give no receipt. */
  #lostSentMs = 0
  /** Heard by nobody. */
  #skippedMs = 0
  /** Written to the network, at least; what is behind it waits. */
  #deliveredMs: number

  constructor(deps: RecoveringSessionDeps, first: OpenedBackend) {
    const { limits, now, options, signal } = deps
    const startMs = options.startMs ?? 0
    this.#deps = deps
    this.#now = now
    this.#startMs = startMs
    this.#kept = new KeptAudio(startMs, limits.replayMs)
    this.#watchdog = createLazyEngineWatchdog(limits.watchdog)
    this.#retries = createRetryPlan(limits.giveUpAfterMs, deps.random)
    this.#replacements = createTokenBucket(now(), REPLACEMENTS)
    this.#backend = first.session.backend
    this.#deliveredMs = startMs
    this.#ticker = setInterval(() => this.#tick(), limits.tickMs)
    signal.addEventListener('abort', this.#abort, { once: true })
    this.#begin({ ...first, baseMs: startMs, fromMs: startMs, beganAtMs: now(), sentMs: 0 })
  }

  get backend(): string {
    return this.#backend
  }

  get horizonMs(): number {
    return this.#kept.horizonMs
  }

  get bufferedMs(): number {
    if (this.#isEnded) return 0
    const { endMs } = this.#kept
    if (this.#turn) {
      this.#deliveredMs = Math.max(this.#deliveredMs, endMs - this.#turn.session.bufferedMs)
    }
    return Math.max(0, Math.floor(endMs - this.#deliveredMs))
  }

  write(pcm: Uint8Array): void {
    if (this.#closing || this.#isEnded) return
    this.#kept.append(pcm)
    this.#watchdog.wrote(pcm, this.#now())
    this.#turn?.session.write(pcm)
  }

  finalize(): void {
    if (this.#closing || this.#isEnded) return
    this.#kept.finalize()
    this.#turn?.session.finalize()
  }

  async close(): Promise<void> {
    const isFirst = !this.#closing
    // Before: what it says in answer is handed over at once.
    this.#closing = true
    if (isFirst) void this.#turn?.session.close()
    if (this.#isEnded) return
    await new Promise((resolve) => this.#ended.signal.addEventListener('abort', resolve))
  }

  #begin(next: Turn): void {
    this.#turn = next
    void this.#listen(next)
  }

  #end(error?: SpeechError): void {
    if (this.#isEnded) return
    this.#isEnded = true
    clearInterval(this.#ticker)
    this.#deps.signal.removeEventListener('abort', this.#abort)
    this.#ended.abort()
    this.#turn?.drop()
    this.#turn = undefined
    this.#deps.place.leave()
    if (error) this.events.push({ type: 'error', error })
    this.events.end()
  }

  async #listen(to: Turn): Promise<void> {
    try {
      await forEachEvent(to.session.events, (event) => {
        if (to !== this.#turn) return false
        if (event.type === 'error') this.#lose(to, event.error)
        else this.#hear(to, event)
        return to === this.#turn
      })
    } catch (cause) {
      return this.#lose(to, asSpeechError(cause))
    }
    if (to !== this.#turn) return
    if (this.#closing) this.#end()
    else this.#lose(to, lost('The speech backend ended in the middle of the session.'))
  }

  #hear(from: Turn, event: SpeechEvent): void {
    if (event.type === 'usage') return this.#addUsage(from, event.audioMs)
    if (event.type === 'receipt') {
      const audioMs = event.audioMs + Math.round(this.#lostSentMs)
      return this.events.push({ ...event, audioMs })
    }
    this.#revive()
    if (event.type === 'final') this.#kept.commit(event.endMs)
    const news = this.#saidOnce(event, from.fromMs)
    if (news) this.events.push(news)
  }

  #revive(): void {
    this.#watchdog.heard(this.#now())
    this.#retries.succeeded()
  }

  /** Each ms of the session counts once, however many backends have heard it. */
  #addUsage(from: Turn, audioMs: number): void {
    from.sentMs = audioMs
    this.#kept.take(from.baseMs + audioMs)
    const uniqueMs = this.#kept.takenMs - this.#startMs - this.#skippedMs
    const replayedMs = Math.max(0, Math.round(this.#lostSentMs + audioMs - uniqueMs))
    const usage = { type: 'usage', audioMs: Math.floor(uniqueMs) } as const
    this.events.push(replayedMs > 0 ? { ...usage, replayedMs } : usage)
  }

  #tick(): void {
    if (!this.#turn) return
    const { session, beganAtMs } = this.#turn
    const heardMs = session.horizonMs ?? this.horizonMs
    if (heardMs > this.horizonMs) {
      // A final without words tells that there are none, and that somebody listens.
      this.#kept.commit(heardMs)
      this.#revive()
    }
    const nowMs = this.#now()
    if (nowMs - beganAtMs > STABLE_AFTER_MS) this.#retries.succeeded()
    const verdict = this.#watchdog.check(session.bufferedMs, nowMs)
    if (verdict === 'silent') {
      this.#lose(this.#turn, lost('The speech backend says nothing to speech.'))
    } else if (verdict === 'stuck') {
      this.#lose(this.#turn, lost('The speech backend takes no audio any more.'))
    }
  }

  #lose(from: Turn, error: SpeechError): void {
    if (from !== this.#turn) return
    this.#turn = undefined
    const kept = this.#kept
    this.#deps.metrics.count('saywire_upstream_errors_total', { kind: error.code })
    kept.commit(Math.max(from.session.horizonMs ?? 0, error.resumeFromMs ?? 0))
    this.#lostSentMs += from.sentMs
    from.drop()
    // A backend that fails to say goodbye takes nothing with it.
    if (this.#closing && kept.endMs - kept.horizonMs < 1) return this.#end()
    if (!error.retryable) return this.#end(this.#at(error))
    if (!this.#replacements.take(1, this.#now())) {
      return this.#end(this.#at(lost(error.message, error)))
    }
    this.events.push({ type: 'reconnecting', cause: error })
    this.#replace(error).catch((cause: unknown) => this.#end(this.#at(asSpeechError(cause))))
  }

  /** Tries until there is another backend, or the time is over. */
  async #replace(loss: SpeechError): Promise<void> {
    let failure = loss
    for (;;) {
      const attempt = this.#retries.next(this.#now(), failure.retryAfterMs)
      if (!attempt) return this.#end(this.#at(lost(GIVEN_UP, failure)))
      try {
        await sleep(attempt.delayMs, undefined, { signal: this.#ended.signal })
        return this.#takeOver(...(await this.#open(attempt.leftMs)))
      } catch (cause) {
        if (this.#isEnded) return
        failure = asSpeechError(cause)
        if (!failure.retryable) return this.#end(this.#at(failure))
      }
    }
  }

  async #open(leftMs: number): Promise<[OpenedBackend, number]> {
    const { place, limits, options, openBackend } = this.#deps
    const { signal } = this.#ended
    const byMs = this.#now() + leftMs
    const turnsUp = AbortSignal.timeout(Math.ceil(leftMs))
    await place.redial(AbortSignal.any([signal, turnsUp])).catch((cause: unknown) => {
      throw turnsUp.aborted ? lost(GIVEN_UP) : cause
    })
    const baseMs = this.#kept.replayFromMs
    const timeoutMs = Math.max(0, Math.min(limits.openTimeoutMs, byMs - this.#now()))
    return [await openBackend(place, { ...options, startMs: baseMs }, signal, timeoutMs), baseMs]
  }

  #takeOver(opened: OpenedBackend, baseMs: number): void {
    if (this.#isEnded) return opened.drop()
    this.#backend = opened.session.backend
    const unheardMs = this.#kept.replay(opened.session, baseMs)
    this.#skippedMs += unheardMs
    this.events.push({ type: 'recovered', ...(unheardMs > 0 ? { skippedMs: unheardMs } : {}) })
    this.#deps.metrics.count('saywire_upstream_replacements_total')
    const fromMs = this.horizonMs
    this.#begin({ ...opened, baseMs, fromMs, beganAtMs: this.#now(), sentMs: 0 })
    if (this.#closing) void opened.session.close()
  }

  #at(error: SpeechError): SpeechError {
    const { code, message, retryable, retryAfterMs, cause } = error
    const details = { retryable, resumeFromMs: this.horizonMs, cause }
    const retry = retryAfterMs === undefined ? {} : { retryAfterMs }
    return new SpeechError(code, message, { ...details, ...retry })
  }
}

const GIVEN_UP = 'The speech provider was lost and did not come back in time. Try again shortly.'

function lost(message: string, cause?: SpeechError): SpeechError {
  const retry = cause?.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }
  return new SpeechError('upstream_lost', message, { retryable: true, cause, ...retry })
}
