import type { DeepgramTransport, DeepgramTransportMessage } from '@deepgram/sdk'
import { WebSocket } from 'ws'
import type { SpeechError } from '../speech-error.ts'
import { watchPeer } from '../watch-peer.ts'
import { errorFromDialTimeout, errorFromNetwork, errorFromRefusal } from './deepgram-failures.ts'

/** Results are a few kilobytes; a peer that sends more than this is not Deepgram. */
const MAX_MESSAGE_BYTES = 1024 * 1024

export interface WebSocketTransport extends DeepgramTransport {
  /** Settles with the dial: opened, or why not. */
  readonly dialled: Promise<SpeechError | undefined>
  /** Bytes that were sent but not yet taken by the network. */
  bufferedBytes(): number
  /** Drops the connection, or the attempt at one, without a word to the peer. */
  terminate(): void
  /**
   * Hears each message as it came. Not the SDK: it would hand each through wrappers of its own, a tenth
   * of what a session costs a server.
   */
  onFrame(listener: (data: Buffer, isBinary: boolean) => void): void
}

export interface DialOptions {
  readonly dialTimeoutMs: number
  /** A peer that says nothing for two to three times as long is given up. */
  readonly pingMs: number
  /** Drops the connection, or the attempt at one, whenever it aborts. */
  readonly signal: AbortSignal
}

/**
 * The SDK's seam for transports (`transportFactory`), filled with a plain WebSocket. The SDK's own
 * one hides what a session must know: a refused upgrade surfaces as close 1000 without its HTTP
 * status, and neither the true close code nor the bytes that wait to be sent can be read.
 */
export function dialDeepgram(
  address: string,
  headers: Readonly<Record<string, string>>,
  { dialTimeoutMs, pingMs, signal }: DialOptions,
): WebSocketTransport {
  const { host } = new URL(address)
  const socket = new WebSocket(address, {
    headers,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  })

  const abort = () => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', abort))

  const dialled = new Promise<SpeechError | undefined>((resolve) => {
    const giveUp = (error: SpeechError) => {
      clearTimeout(timer)
      resolve(error)
      socket.terminate()
    }
    const timer = setTimeout(() => giveUp(errorFromDialTimeout(host, dialTimeoutMs)), dialTimeoutMs)
    socket.once('open', () => {
      clearTimeout(timer)
      watchPeer(socket, pingMs)
      resolve(undefined)
    })
    socket.once('unexpected-response', (_request, response) => {
      const { 'dg-error': dgError, 'retry-after': retryAfter } = response.headers
      const status = response.statusCode ?? 0
      giveUp(errorFromRefusal({ status, dgError: dgError?.toString(), retryAfter }, host))
    })
    // Stays for the connection's life: after opening, what went wrong is told by `close`.
    socket.on('error', (cause) => giveUp(errorFromNetwork(cause, host)))
  })

  return {
    dialled,
    bufferedBytes: () => socket.bufferedAmount,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send(data: DeepgramTransportMessage) {
      // The SDK's type allows Blobs for browsers; Saywire sends text and bytes.
      socket.send(data as string | Uint8Array)
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    onOpen: (listener) => socket.on('open', listener),
    onFrame: (listener) => socket.on('message', listener),
    onMessage: () => undefined,
    onClose: (listener) =>
      socket.on('close', (code, reason) => listener({ code, reason: reason.toString() })),
    // Every failure ends in `close`; the SDK would only answer an error by closing once more.
    onError: () => undefined,
  }
}
