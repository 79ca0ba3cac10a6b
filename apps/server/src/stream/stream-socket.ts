import type { ServerMessage, TranscribeErrorCode } from '@saywire/protocol'
import { CLOSE_CODE_BY_ERROR, MAX_AUDIO_MESSAGE_BYTES } from '@saywire/protocol'
import type { Logger } from 'pino'
import { WebSocket } from 'ws'
import type { Span } from '../operations/tracing.ts'
import type { StreamLimits } from './stream-limits.ts'

/** RFC 6455 code with which ws refuses a message above `maxPayload`. */
const MESSAGE_TOO_BIG = 1009

/**
 * A server-side socket that can refuse an oversized message in the protocol's own words: ws refuses
 * it from the frame's header alone, before buffering it, but then closes with 1009 at once. This
 * is the one place where that close can be replaced.
 */
export class TranscribeSocket extends WebSocket {
  onOversized: (() => void) | undefined

  override close(code?: number, reason?: string | Buffer): void {
    // With a reason, be it empty, it answers a client that finds a message of ours too big.
    const isOurs = reason === undefined
    if (code === MESSAGE_TOO_BIG && isOurs && this.onOversized) this.onOversized()
    else super.close(code, reason)
  }
}

/** A client that has not answered a close within this time is cut off. */
const CLOSE_ANSWER_MS = 2000
/** What a message that waits takes besides its bytes, roughly: tiny ones must not come in millions. */
const WAITING_COST_BYTES = 128

export type MessageHandler = (data: Buffer, isBinary: boolean) => void

/** One client's end of `/ws/transcribe`: typed messages out, ordered messages in, bounded both ways. */
export interface StreamSocket {
  /** Interims to a slow client are dropped; one that is slower still is cut off. */
  send(message: ServerMessage): void
  /** The same for one that is JSON already. */
  sendText(text: string, isInterim?: boolean): void
  /** Sends the error, then closes with its code. */
  fail(code: TranscribeErrorCode, message: string, retryAfterMs?: number): void
  close(code: number, reason: string): void
  /**
   * Hands messages to `handler`, in order. While there is none, what comes waits: nothing at first,
   * later `readAheadMaxBytes`, so that a client that lives is heard to do so; then the network is
   * not read any more.
   */
  receive(handler: MessageHandler | undefined): void
  /** Called once, instead of a close with 1009, when a message is larger than allowed. */
  onOversized(handler: () => void): void
  /** Called once with the close code, at once if the socket is closed already. */
  onClose(handler: (code: number) => void): void
  /**
   * Pings three times in `pongTimeoutMs`, and cuts off a client that has not answered for so long. To
   * be called several times as often: after a longer pause this process was frozen, and could hear
   * nobody. Nor can it while the network is not read, which is allowed for up to `unreadMaxMs`.
   * @param isAsked pings in any case; default: true
   */
  checkAlive(nowMs: number, isAsked?: boolean): void
  readonly receiving: boolean
  /**
   * Pings are numbered from 1. What was sent before a ping that is answered has arrived, since one
   * connection keeps its order.
   */
  readonly pings: { readonly sent: number; readonly answered: number }
  /** Of the connection; once it serves a session, that session's. */
  log: Logger
  /** Of the request that opened it; undefined where nothing is traced. */
  span: Span | undefined
  /** Hears of each `fail`; undefined once it serves a session, whose end is told elsewhere. */
  onFail: ((code: string) => void) | undefined
}

export function createStreamSocket(
  socket: TranscribeSocket,
  limits: StreamLimits,
  now: () => number,
  log: Logger,
): StreamSocket {
  const waiting: [Buffer, boolean][] = []
  let waitingBytes = 0
  let wasReceived = false
  let handler: MessageHandler | undefined
  let heardMs = now()
  let checkedMs = heardMs
  /** At once: its answer proves that `ready` has arrived. */
  let nextPingMs = heardMs
  /** For how long the network has not been read, since the client was last heard. */
  let unreadMs = 0
  let closeCode: number | undefined
  const pings = { sent: 0, answered: 0 }
  socket.pause()
  function hear(): void {
    heardMs = now()
    unreadMs = 0
  }

  socket.on('message', (data: Buffer, isBinary) => {
    // Audio that fills the line keeps a pong waiting, and says as much.
    hear()
    if (handler) return handler(data, isBinary)
    waiting.push([data, isBinary])
    waitingBytes += data.byteLength + WAITING_COST_BYTES
    if (waitingBytes > limits.readAheadMaxBytes) socket.pause()
  })
  socket.on('pong', (data: Buffer) => {
    hear()
    const ping = Number(data.toString('latin1'))
    // Only what was asked: a client may send pongs of its own.
    if (ping > pings.answered && ping <= pings.sent) pings.answered = ping
  })
  socket.once('close', (code: number) => {
    closeCode = code
  })
  socket.on('error', (error) => self.log.info({ code: codeOf(error) }, 'socket error'))

  const self: StreamSocket & { receiving: boolean } = {
    send: (message) => self.sendText(JSON.stringify(message), isInterim(message)),
    sendText(text, isPassing = false) {
      if (socket.readyState !== WebSocket.OPEN) return
      const { bufferedAmount } = socket
      if (bufferedAmount > limits.clientBufferMaxBytes) return socket.terminate()
      if (isPassing && bufferedAmount > limits.interimDropBytes) return
      socket.send(text)
    },
    fail(code, message, retryAfterMs) {
      const retry = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }
      self.onFail?.(code)
      self.send({ type: 'error', code, message, ...retry })
      self.close(CLOSE_CODE_BY_ERROR[code], code)
    },
    close(code, reason) {
      // A paused socket would never see the client's answer to the close.
      socket.resume()
      socket.close(code, reason)
      setTimeout(() => socket.terminate(), CLOSE_ANSWER_MS).unref()
    },
    receive(next) {
      handler = next
      self.receiving = next !== undefined
      wasReceived ||= next !== undefined
      while (handler && waiting.length > 0) {
        const [data, isBinary] = waiting.shift() as [Buffer, boolean]
        waitingBytes -= data.byteLength + WAITING_COST_BYTES
        handler(data, isBinary)
      }
      if (handler || (wasReceived && waitingBytes <= limits.readAheadMaxBytes)) socket.resume()
      else socket.pause()
    },
    onOversized(report) {
      socket.onOversized = report
    },
    onClose(report) {
      if (closeCode === undefined) socket.once('close', report)
      else report(closeCode)
    },
    checkAlive(nowMs, isAsked = true) {
      const passedMs = nowMs - checkedMs
      checkedMs = nowMs
      if (passedMs > limits.pongTimeoutMs / 2) heardMs = nowMs
      else if (socket.isPaused && unreadMs < limits.unreadMaxMs) {
        // A pong cannot be heard.
        heardMs += passedMs
        unreadMs += passedMs
      }
      if (nowMs - heardMs > limits.pongTimeoutMs) socket.terminate()
      else if (isAsked || nowMs >= nextPingMs) {
        nextPingMs = nowMs + limits.pongTimeoutMs / 3
        socket.ping(String((pings.sent += 1)))
      }
    },
    pings,
    log,
    span: undefined,
    onFail: undefined,
    receiving: false,
  }
  self.onOversized(() =>
    self.fail('frame_too_large', `A message may have ${MAX_AUDIO_MESSAGE_BYTES} bytes at most.`),
  )
  return self
}

function isInterim(message: ServerMessage): boolean {
  return message.type === 'transcript' && !message.is_final
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
