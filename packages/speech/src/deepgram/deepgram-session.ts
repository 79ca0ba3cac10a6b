import type { DeepgramClient } from '@deepgram/sdk'
import { EventQueue } from '../event-queue.ts'
import { bytesToMs, msToBytes, PcmFramer } from '../pcm.ts'
import type { SpeechError } from '../speech-error.ts'
import type { SpeechSession } from '../speech-engine.ts'
import type { SpeechEvent } from '../speech-event.ts'
import { errorFromClose, errorFromGarbage, errorFromSilence } from './deepgram-failures.ts'
import { parseDeepgramMessage } from './deepgram-messages.ts'
import type { StreamClock } from './deepgram-results.ts'
import { ResultReader } from './deepgram-results.ts'
import type { WebSocketTransport } from './deepgram-transport.ts'

/** Audio per message: Deepgram's own advice, within its range of 20–250 ms. */
const MESSAGE_MS = 100
const MESSAGE_BYTES = msToBytes(MESSAGE_MS)
/** Audio that has waited this long for the rest of its message is sent without it. */
const PARTIAL_FLUSH_MS = 100
/** A connection that never had audio is held by audio only: this much silence. */
const LEAD_IN_MS = 100
/** A stream that is closed may go on talking for so many times the silence that ends it. */
const LAST_WORDS_FACTOR = 10
/** Messages in one session that may make no sense before it is given up. */
const MAX_MALFORMED_MESSAGES = 100

/** The SDK's live connection. */
export type DeepgramConnection = Awaited<ReturnType<DeepgramClient['listen']['v1']['connect']>>

export interface DeepgramSessionDeps {
  /** Open. */
  readonly connection: DeepgramConnection
  /** What carries `connection`. */
  readonly transport: WebSocketTransport
  readonly signal: AbortSignal
  readonly backend: string
  /** Capture-clock position of the first sample, whole ms. */
  readonly startMs: number
  readonly keepAliveMs: number
  readonly closeTimeoutMs: number
}

/**
 * One live stream to Deepgram. `bufferedMs` has no ceiling of its own: a writer that is faster than
 * real time watches it.
 *
 * Its life: *open* → close() → *draining* (CloseStream sent, last finals arrive) → *ended*. An
 * abort or a failure leads from anywhere to *ended*, from which nothing leads back.
 */
export class DeepgramSession implements SpeechSession {
  readonly events = new EventQueue<SpeechEvent>()
  readonly #deps: DeepgramSessionDeps
  readonly #transport: WebSocketTransport
  readonly #reader: ResultReader
  readonly #framer = new PcmFramer(MESSAGE_BYTES, (frame) => this.#sendAudio(frame))
  readonly #keepAliveTimer: NodeJS.Timeout
  readonly #abort = (): void => {
    // Unlike #end(), this also drops what the reader has not taken yet.
    void this.events.return()
    this.#end()
  }
  readonly #ended: Promise<void>
  #resolveEnded: () => void = () => undefined
  #state: 'open' | 'draining' | 'ended' = 'open'
  /** What Deepgram bills and the `usage` events tell: audio handed to an open connection. */
  #sentBytes = 0
  #leadInMs = 0
  #malformedCount = 0
  /** Deepgram has said that nothing follows. */
  #receiptSeen = false
  #flushTimer: NodeJS.Timeout | undefined
  #closeTimer: NodeJS.Timeout | undefined
  /** Monotonic clock, ms: from then on no message prolongs the close. */
  #closeByMs = 0

  constructor(deps: DeepgramSessionDeps) {
    this.#deps = deps
    this.#transport = deps.transport
    this.#reader = new ResultReader(deps.startMs)
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#keepAliveTimer = setInterval(() => this.#keepAlive(), deps.keepAliveMs)
    deps.transport.onFrame((data, isBinary) => this.#hear(data, isBinary))
    deps.connection.on('close', ({ code, reason }) => this.#onClose(code, reason))
    deps.signal.addEventListener('abort', this.#abort, { once: true })
  }

  get backend(): string {
    return this.#deps.backend
  }

  get bufferedMs(): number {
    if (this.#state === 'ended') return 0
    return bytesToMs(this.#framer.pendingBytes + this.#transport.bufferedBytes())
  }

  get horizonMs(): number {
    return this.#reader.horizonMs
  }

  write(pcm: Uint8Array): void {
    if (this.#state !== 'open') return
    const framer = this.#framer
    const sentBefore = this.#sentBytes
    // It belongs to us: what is a message already need not be copied.
    if (framer.pendingBytes === 0 && pcm.byteLength === MESSAGE_BYTES) return this.#sendAudio(pcm)
    framer.push(pcm)
    // Counts from the oldest byte that waits.
    if (framer.pendingBytes === 0 || this.#sentBytes > sentBefore) this.#disarmFlush()
    if (framer.pendingBytes > 0) {
      this.#flushTimer ??= setTimeout(() => this.#flush(), PARTIAL_FLUSH_MS)
    }
  }

  finalize(): void {
    if (this.#state !== 'open') return
    this.#flush()
    if (this.#sentBytes > 0 && this.#transport.isOpen()) {
      this.#deps.connection.sendFinalize({ type: 'Finalize' })
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'open') {
      const { closeTimeoutMs, connection } = this.#deps
      this.#flush()
      this.#state = 'draining'
      clearInterval(this.#keepAliveTimer)
      this.#closeTimer = setTimeout(() => this.#end(this.#unanswered()), closeTimeoutMs)
      this.#closeByMs = performance.now() + LAST_WORDS_FACTOR * closeTimeoutMs
      if (this.#transport.isOpen()) connection.sendCloseStream({ type: 'CloseStream' })
    }
    return this.#ended
  }

  #sendAudio(frame: Uint8Array): void {
    // The socket may be closing already although its `close` event has not come yet.
    if (!this.#transport.isOpen()) return
    void this.#transport.send(frame)
    this.#keepAliveTimer.refresh()
    this.#sentBytes += frame.byteLength
    this.events.push({ type: 'usage', audioMs: bytesToMs(this.#sentBytes) })
  }

  #flush(): void {
    this.#disarmFlush()
    this.#framer.flush()
  }

  #disarmFlush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
  }

  /** Deepgram closes a stream that is silent for 10 s, whatever the reason. */
  #keepAlive(): void {
    if (!this.#transport.isOpen()) return
    if (this.#sentBytes === 0 && this.#leadInMs === 0) {
      this.#leadInMs = LEAD_IN_MS
      void this.#transport.send(new Uint8Array(msToBytes(LEAD_IN_MS)))
    } else this.#deps.connection.sendKeepAlive({ type: 'KeepAlive' })
  }

  #hear(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'ended') return
    if (performance.now() < this.#closeByMs) this.#closeTimer?.refresh()
    const message = isBinary ? 'malformed' : parseDeepgramMessage(data.toString())
    if (message === 'unknown') return
    if (message !== 'malformed' && message.type === 'Metadata' && this.#state === 'draining') {
      this.#receiptSeen = true
      const { duration, channels = 1, request_id: requestId } = message
      if (duration !== undefined && this.#sentBytes > 0) {
        const audioMs = Math.round(duration * 1000) * channels
        this.events.push({ type: 'receipt', audioMs, requestId })
      }
    }
    const event = message === 'malformed' ? message : this.#reader.read(message, this.#clock())
    if (event === 'malformed') {
      this.#malformedCount += 1
      if (this.#malformedCount <= MAX_MALFORMED_MESSAGES) return
      this.#end(errorFromGarbage(this.#malformedCount, this.horizonMs))
    } else if (event) this.events.push(event)
  }

  #clock(): StreamClock {
    const { startMs } = this.#deps
    return { startMs, leadInMs: this.#leadInMs, sentMs: bytesToMs(this.#sentBytes) }
  }

  #onClose(code: number, reason: string): void {
    // Without its receipt even an orderly end may have come before the last words.
    const sentEndMs = this.#deps.startMs + bytesToMs(this.#sentBytes)
    const isAllFinal = this.#sentBytes === 0 || this.horizonMs >= sentEndMs
    const isComplete = this.#receiptSeen || (code === 1000 && isAllFinal)
    const isOrderly = this.#state === 'draining' && isComplete
    this.#end(isOrderly ? undefined : errorFromClose(code, reason, this.horizonMs))
  }

  /** Without audio there was nothing to answer; otherwise last words may be missing. */
  #unanswered(): SpeechError | undefined {
    if (this.#sentBytes === 0) return undefined
    return errorFromSilence(this.#deps.closeTimeoutMs, this.horizonMs)
  }

  #end(error?: SpeechError): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearInterval(this.#keepAliveTimer)
    clearTimeout(this.#flushTimer)
    clearTimeout(this.#closeTimer)
    this.#deps.signal.removeEventListener('abort', this.#abort)
    this.#transport.terminate()
    if (error) this.events.push({ type: 'error', error })
    this.events.end()
    this.#resolveEnded()
  }
}
