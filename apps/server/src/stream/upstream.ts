import { isDeepStrictEqual } from 'node:util'
import type { ServerMessage, TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechEvent, SpeechSession } from '@saywire/speech'
import { forEachEvent, SpeechError } from '@saywire/speech'
import type { Logger } from 'pino'
import type { Span } from '../operations/tracing.ts'
import type { ProviderReceipt } from '../sessions/session-rows.ts'
import { asSpeechError } from '../speech/as-speech-error.ts'
import { toServerMessage } from './wire-messages.ts'

/**
 * The speech side of one connection: a run of speech sessions, one after the other, that share one
 * clock. Settings are fixed when a speech session opens, so changing them flushes it and opens the
 * next.
 */
export interface Upstream {
  /** What transcribes, for people. */
  readonly backend: string
  /** Audio that waits for the backend, in ms. */
  readonly bufferedMs: number
  /** Audio that the backend was handed, in ms, over all its sessions. */
  readonly usageMs: number
  /** What the provider says that it heard, over all its sessions; undefined where it says nothing. */
  readonly receipt: ProviderReceipt | undefined
  /** Audio that no backend has heard, because an outage was longer than what is kept; ms. */
  readonly skippedMs: number
  /** Audio that backends were sent a second time because one was lost, in ms: the host's cost. */
  readonly replayCostMs: number
  /** How often a backend was lost and had to be replaced. */
  readonly replacements: number
  /** Where the words are final up to, in ms: the end of the last final, or of silence after it. */
  readonly horizonMs: number
  /** True where these settings are not already in force. */
  changes(settings: TranscribeConfig): boolean
  write(pcm: Uint8Array): void
  finalize(): void
  /**
   * Flushes, then goes on with changed settings at audio position `atMs`.
   * @throws SpeechError
   */
  reconfigure(changes: TranscribeConfig, atMs: number): Promise<void>
  /** Flushes the last finals; what takes longer than the flush timeout is given up. */
  close(): Promise<void>
  /** Ends it without another byte; finals that have not come are lost. */
  abort(): void
}

export interface UpstreamDeps {
  readonly engine: SpeechEngine
  readonly flushTimeoutMs: number
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Of the session, in its trace. */
  readonly span?: Span | undefined
  /** What the client is to be told. */
  readonly emit: (message: ServerMessage) => void
  /** The backend failed; at most once, and nothing is emitted after it. */
  readonly onError: (error: SpeechError) => void
}

/**
 * @param startMs where in the session's audio it begins: not at 0 where the session is resumed
 * @param signal gives up the opening; once it has opened, it does nothing
 * @throws SpeechError where the backend does not take the session; the signal's reason
 */
export async function openUpstream(
  deps: UpstreamDeps,
  config: TranscribeConfig,
  startMs: number,
  signal: AbortSignal,
): Promise<Upstream> {
  signal.throwIfAborted()
  const opening = new SpeechRun(deps, config, startMs)
  const giveUp = () => opening.giveUp(signal.reason)
  signal.addEventListener('abort', giveUp)
  try {
    await opening.open(startMs)
    return opening
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

class SpeechRun implements Upstream {
  readonly #deps: UpstreamDeps
  /** As last asked for, and as they are in force. */
  #config: TranscribeConfig
  #configInForce: TranscribeConfig
  #speech: SpeechSession | undefined
  /** Of the speech session that is open, or opening. */
  #abort: AbortController | undefined
  #pump: Promise<void> | undefined
  #earlier = { usageMs: 0, replayCostMs: 0 }
  #replacing: Span | undefined
  #closing = false
  #turn: Promise<void> = Promise.resolve()
  usageMs = 0
  receipt: ProviderReceipt | undefined = undefined
  skippedMs = 0
  replayCostMs = 0
  replacements = 0
  horizonMs: number

  constructor(deps: UpstreamDeps, config: TranscribeConfig, startMs: number) {
    this.#deps = deps
    this.#config = config
    this.#configInForce = config
    this.horizonMs = startMs
  }

  async open(atMs: number): Promise<void> {
    this.#abort = new AbortController()
    this.#speech = await this.#dial(atMs, this.#abort.signal)
    this.#pump = forEachEvent(this.#speech.events, (event) => this.#forward(event)).catch(
      (cause: unknown) => this.#deps.onError(asSpeechError(cause)),
    )
  }

  get backend(): string {
    return this.#speech?.backend ?? ''
  }

  get bufferedMs(): number {
    return this.#speech?.bufferedMs ?? 0
  }

  changes(settings: TranscribeConfig): boolean {
    return !isDeepStrictEqual({ ...this.#config, ...settings }, this.#config)
  }

  write(pcm: Uint8Array): void {
    this.#speech?.write(pcm)
  }

  finalize(): void {
    this.#speech?.finalize()
  }

  async reconfigure(changes: TranscribeConfig, atMs: number): Promise<void> {
    this.#config = { ...this.#config, ...changes }
    this.#turn = this.#turn.then(async () => {
      // Of changes that came while one was on its way, only what is left of them is carried out.
      if (isDeepStrictEqual(this.#config, this.#configInForce)) return
      if (!this.#closing) await this.#flush()
      this.#earlier = { usageMs: this.usageMs, replayCostMs: this.replayCostMs }
      this.#configInForce = this.#config
      if (this.#closing) return
      await this.open(atMs).catch((cause: unknown) => {
        throw asSpeechError(cause)
      })
    })
    return this.#turn
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#turn.catch(() => undefined)
    await this.#flush()
  }

  abort(): void {
    this.#closing = true
    this.giveUp()
  }

  giveUp(reason?: unknown): void {
    this.#abort?.abort(reason)
  }

  async #dial(atMs: number, signal: AbortSignal): Promise<SpeechSession> {
    const { engine, span: session } = this.#deps
    const span = session?.child('upstream dial')
    try {
      const options = { config: this.#config, startMs: atMs }
      const opened = await engine.open(options, signal)
      span?.set({ 'saywire.backend': opened.backend })
      span?.end()
      return opened
    } catch (error) {
      span?.end(error instanceof SpeechError ? error.code : 'given_up')
      throw error
    }
  }

  #forward(event: SpeechEvent): void {
    if (event.type === 'usage') {
      this.usageMs = this.#earlier.usageMs + event.audioMs
      this.replayCostMs = this.#earlier.replayCostMs + (event.replayedMs ?? 0)
    } else if (event.type === 'receipt') {
      this.receipt = {
        audioMs: (this.receipt?.audioMs ?? 0) + event.audioMs,
        requestId: event.requestId ?? null,
      }
    } else if (event.type === 'error') {
      // The engine knows of silence that no final told of.
      this.horizonMs = Math.max(this.horizonMs, event.error.resumeFromMs ?? 0)
      this.#replacing?.end(event.error.code)
      this.#deps.onError(event.error)
    } else {
      if (event.type === 'final') this.horizonMs = Math.max(this.horizonMs, event.endMs)
      else this.#noteReplacement(event)
      const message = toServerMessage(event)
      if (message) this.#deps.emit(message)
    }
  }

  #noteReplacement(event: SpeechEvent): void {
    const { log, span } = this.#deps
    if (event.type === 'reconnecting') {
      this.replacements += 1
      const cause = event.cause?.code ?? ''
      this.#replacing = span?.child('upstream replacement', { 'saywire.cause': cause })
      const { replacements } = this
      log.warn({ err: event.cause, replacements }, 'speech backend lost, opening another')
    } else if (event.type === 'recovered') {
      this.skippedMs += event.skippedMs ?? 0
      this.#replacing?.end()
      const { replacements } = this
      log.info({ replacements, skipped_ms: event.skippedMs }, 'speech backend replaced')
    }
  }

  async #flush(): Promise<void> {
    const timer = setTimeout(() => this.giveUp(), this.#deps.flushTimeoutMs)
    await this.#speech?.close()
    await this.#pump
    clearTimeout(timer)
  }
}
