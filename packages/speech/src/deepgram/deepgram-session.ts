import type { DeepgramClient } from '@deepgram/sdk'
import { EventQueue } from '../event-queue.ts'
import { bytesToMs, msToBytes, PcmFramer } from '../pcm.ts'
import type { SpeechError } from '../speech-error.ts'
import type { SpeechSession } from '../speech-engine.ts'
import type { SpeechEvent } from '../speech-event.ts'
import { errorFromClose, errorFromGarbage, errorFromSilence } from './deepgram-failures.ts'
import { parseDeepgramMessage } from './deepgram-messages.ts'
import { createResultReader } from './deepgram-results.ts'
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
export function createDeepgramSession(deps: DeepgramSessionDeps): SpeechSession {
  const { connection, transport, signal, startMs } = deps
  const events = new EventQueue<SpeechEvent>()
  const reader = createResultReader(startMs)
  const framer = new PcmFramer(MESSAGE_BYTES, sendAudio)
  let state: 'open' | 'draining' | 'ended' = 'open'
  /** What Deepgram bills and the `usage` events tell: audio handed to an open connection. */
  let sentBytes = 0
  let leadInMs = 0
  let malformedCount = 0
  /** Deepgram has said that nothing follows. */
  let receiptSeen = false
  let flushTimer: NodeJS.Timeout | undefined
  let closeTimer: NodeJS.Timeout | undefined
  /** Monotonic clock, ms: from then on no message prolongs the close. */
  let closeByMs = 0
  const keepAliveTimer = setInterval(keepAlive, deps.keepAliveMs)
  let resolveEnded: () => void
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve
  })

  function sendAudio(frame: Uint8Array): void {
    // The socket may be closing already although its `close` event has not come yet.
    if (!transport.isOpen()) return
    transport.send(frame)
    keepAliveTimer.refresh()
    sentBytes += frame.byteLength
    events.push({ type: 'usage', audioMs: bytesToMs(sentBytes) })
  }

  function flush(): void {
    disarmFlush()
    framer.flush()
  }

  function disarmFlush(): void {
    clearTimeout(flushTimer)
    flushTimer = undefined
  }

  /** Deepgram closes a stream that is silent for 10 s, whatever the reason. */
  function keepAlive(): void {
    if (!transport.isOpen()) return
    if (sentBytes === 0 && leadInMs === 0) {
      leadInMs = LEAD_IN_MS
      transport.send(new Uint8Array(msToBytes(LEAD_IN_MS)))
    } else connection.sendKeepAlive({ type: 'KeepAlive' })
  }

  function end(error?: SpeechError): void {
    if (state === 'ended') return
    state = 'ended'
    clearInterval(keepAliveTimer)
    clearTimeout(flushTimer)
    clearTimeout(closeTimer)
    signal.removeEventListener('abort', abort)
    transport.terminate()
    if (error) events.push({ type: 'error', error })
    events.end()
    resolveEnded()
  }

  /** Without audio there was nothing to answer; otherwise last words may be missing. */
  function unanswered(): SpeechError | undefined {
    if (sentBytes === 0) return undefined
    return errorFromSilence(deps.closeTimeoutMs, reader.horizonMs)
  }

  function abort(): void {
    // Unlike end(), this also drops what the reader has not taken yet.
    void events.return()
    end()
  }

  transport.onFrame((data, isBinary) => {
    if (state === 'ended') return
    if (performance.now() < closeByMs) closeTimer?.refresh()
    const message = isBinary ? 'malformed' : parseDeepgramMessage(data.toString())
    if (message === 'unknown') return
    if (message !== 'malformed' && message.type === 'Metadata' && state === 'draining') {
      receiptSeen = true
      const { duration, channels = 1, request_id: requestId } = message
      if (duration !== undefined && sentBytes > 0) {
        events.push({ type: 'receipt', audioMs: Math.round(duration * 1000) * channels, requestId })
      }
    }
    const clock = { startMs, leadInMs, sentMs: bytesToMs(sentBytes) }
    const event = message === 'malformed' ? message : reader.read(message, clock)
    if (event === 'malformed') {
      malformedCount += 1
      if (malformedCount <= MAX_MALFORMED_MESSAGES) return
      return end(errorFromGarbage(malformedCount, reader.horizonMs))
    }
    if (event) events.push(event)
  })
  connection.on('close', ({ code, reason }) => {
    // Without its receipt even an orderly end may have come before the last words.
    const isAllFinal = sentBytes === 0 || reader.horizonMs >= startMs + bytesToMs(sentBytes)
    const complete = receiptSeen || (code === 1000 && isAllFinal)
    end(
      state === 'draining' && complete ? undefined : errorFromClose(code, reason, reader.horizonMs),
    )
  })
  signal.addEventListener('abort', abort, { once: true })

  return {
    backend: deps.backend,
    events,
    write(pcm) {
      if (state !== 'open') return
      const sentBefore = sentBytes
      // It belongs to us: what is a message already need not be copied.
      if (framer.pendingBytes === 0 && pcm.byteLength === MESSAGE_BYTES) return sendAudio(pcm)
      framer.push(pcm)
      // Counts from the oldest byte that waits.
      if (framer.pendingBytes === 0 || sentBytes > sentBefore) disarmFlush()
      if (framer.pendingBytes > 0) flushTimer ??= setTimeout(flush, PARTIAL_FLUSH_MS)
    },
    get bufferedMs() {
      return state === 'ended' ? 0 : bytesToMs(framer.pendingBytes + transport.bufferedBytes)
    },
    get horizonMs() {
      return reader.horizonMs
    },
    finalize() {
      if (state !== 'open') return
      flush()
      if (sentBytes > 0 && transport.isOpen()) connection.sendFinalize({ type: 'Finalize' })
    },
    async close() {
      if (state === 'open') {
        flush()
        state = 'draining'
        clearInterval(keepAliveTimer)
        closeTimer = setTimeout(() => end(unanswered()), deps.closeTimeoutMs)
        closeByMs = performance.now() + LAST_WORDS_FACTOR * deps.closeTimeoutMs
        if (transport.isOpen()) connection.sendCloseStream({ type: 'CloseStream' })
      }
      return ended
    },
  }
}
