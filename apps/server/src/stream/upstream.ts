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
  initialConfig: TranscribeConfig,
  startMs: number,
  signal: AbortSignal,
): Promise<Upstream> {
  /** As last asked for, and as they are in force. */
  let config = initialConfig
  let configInForce = initialConfig
  let earlier = { usageMs: 0, replayCostMs: 0 }
  let usageMs = 0
  let horizonMs = startMs
  let replayCostMs = 0
  let skippedMs = 0
  let replacements = 0
  let receipt: ProviderReceipt | undefined
  let replacing: Span | undefined
  let closing = false
  let turn: Promise<void> = Promise.resolve()
  let abort: AbortController
  let pump: Promise<void>
  signal.throwIfAborted()
  const giveUp = () => abort.abort(signal.reason)
  signal.addEventListener('abort', giveUp)
  let speech = await open(startMs).finally(() => signal.removeEventListener('abort', giveUp))

  async function open(atMs: number): Promise<SpeechSession> {
    abort = new AbortController()
    const opened = await dial(atMs)
    pump = forEachEvent(opened.events, forward).catch((cause: unknown) => {
      deps.onError(asSpeechError(cause))
    })
    return opened
  }

  async function dial(atMs: number): Promise<SpeechSession> {
    const span = deps.span?.child('upstream dial')
    try {
      const opened = await deps.engine.open({ config, startMs: atMs }, abort.signal)
      span?.set({ 'saywire.backend': opened.backend })
      span?.end()
      return opened
    } catch (error) {
      span?.end(error instanceof SpeechError ? error.code : 'given_up')
      throw error
    }
  }

  function forward(event: SpeechEvent): void {
    if (event.type === 'usage') {
      usageMs = earlier.usageMs + event.audioMs
      replayCostMs = earlier.replayCostMs + (event.replayedMs ?? 0)
    } else if (event.type === 'receipt') {
      receipt = {
        audioMs: (receipt?.audioMs ?? 0) + event.audioMs,
        requestId: event.requestId ?? null,
      }
    } else if (event.type === 'error') {
      // The engine knows of silence that no final told of.
      horizonMs = Math.max(horizonMs, event.error.resumeFromMs ?? 0)
      replacing?.end(event.error.code)
      deps.onError(event.error)
    } else {
      if (event.type === 'final') horizonMs = Math.max(horizonMs, event.endMs)
      else noteReplacement(event)
      const message = toServerMessage(event)
      if (message) deps.emit(message)
    }
  }

  function noteReplacement(event: SpeechEvent): void {
    if (event.type === 'reconnecting') {
      replacements += 1
      replacing = deps.span?.child('upstream replacement', {
        'saywire.cause': event.cause?.code ?? '',
      })
      deps.log.warn({ err: event.cause, replacements }, 'speech backend lost, opening another')
    } else if (event.type === 'recovered') {
      skippedMs += event.skippedMs ?? 0
      replacing?.end()
      deps.log.info({ replacements, skipped_ms: event.skippedMs }, 'speech backend replaced')
    }
  }

  async function flush(): Promise<void> {
    const timer = setTimeout(() => abort.abort(), deps.flushTimeoutMs)
    await speech.close()
    await pump
    clearTimeout(timer)
  }

  return {
    get backend() {
      return speech.backend
    },
    get bufferedMs() {
      return speech.bufferedMs
    },
    get usageMs() {
      return usageMs
    },
    get receipt() {
      return receipt
    },
    get skippedMs() {
      return skippedMs
    },
    get replayCostMs() {
      return replayCostMs
    },
    get replacements() {
      return replacements
    },
    get horizonMs() {
      return horizonMs
    },
    changes: (settings) => !isDeepStrictEqual({ ...config, ...settings }, config),
    write: (pcm) => speech.write(pcm),
    finalize: () => speech.finalize(),
    async reconfigure(changes, atMs) {
      config = { ...config, ...changes }
      turn = turn.then(async () => {
        // Of changes that came while one was on its way, only what is left of them is carried out.
        if (isDeepStrictEqual(config, configInForce)) return
        if (!closing) await flush()
        earlier = { usageMs, replayCostMs }
        configInForce = config
        if (closing) return
        speech = await open(atMs).catch((cause: unknown) => {
          throw asSpeechError(cause)
        })
      })
      return turn
    },
    async close() {
      closing = true
      await turn.catch(() => undefined)
      await flush()
    },
    abort() {
      closing = true
      abort.abort()
    },
  }
}
