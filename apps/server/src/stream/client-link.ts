import type { ServerMessage, TranscriptMessage } from '@saywire/protocol'
import type { StreamSocket } from './stream-socket.ts'

/** A client's session goes on over one connection after the other; this is what connects them. */
export interface ClientLink {
  /** The connection now; undefined while the client is away. */
  readonly socket: StreamSocket | undefined
  /** How often the client came back. */
  readonly resumes: number
  /** The finals that the client certainly has end here, ms. */
  readonly confirmedMs: number
  /** To the client; what matters is kept for it while it is away. */
  send(message: ServerMessage): void
  /** The connection is of no use any more. */
  detach(): void
  /**
   * Goes on over this one: sends `ready`, then the finals that may not have arrived and what else
   * is news to the client.
   * @param horizonMs the client has every final up to here; undefined: it does not say
   */
  attach(
    socket: StreamSocket,
    ready: Extract<ServerMessage, { type: 'ready' }>,
    horizonMs: number | undefined,
  ): void
  /** Takes note of pings that were answered. */
  update(): void
  /** Finals were sent since the last ping: only an answer to the next one proves that they arrived. */
  readonly isUnconfirmed: boolean
  /** More finals came than are kept while the client was away: it would miss some. */
  readonly overflowed: boolean
}

export interface ClientLinkOptions {
  /** Finals that may not have arrived: at most so many, of so many bytes of text. */
  readonly keptMax: number
  readonly keptMaxBytes: number
  /** The client has every final up to here; default 0. */
  readonly confirmedMs?: number
}

interface Kept {
  readonly message: TranscriptMessage
  readonly bytes: number
  /** An answer to a later ping of the same connection proves that it arrived. */
  readonly afterPing: number
}

/** At first the client is away. */
export function createClientLink(options: ClientLinkOptions): ClientLink {
  let socket: StreamSocket | undefined
  let kept: Kept[] = []
  let keptBytes = 0
  let overflowed = false
  let attachments = 0
  let confirmedMs = options.confirmedMs ?? 0
  /** What a client that comes back is told once: the newest of each. */
  let interim: ServerMessage | undefined
  let creditsLow: ServerMessage | undefined
  let isReconnecting = false

  function keep(message: TranscriptMessage): void {
    const bytes = JSON.stringify(message).length
    const isFull = kept.length >= options.keptMax || keptBytes + bytes > options.keptMaxBytes
    overflowed ||= isFull && !socket
    if (overflowed) return
    // A client that is there and has answered no ping for so long is about to be cut off.
    if (isFull) keptBytes -= kept.shift()?.bytes ?? 0
    kept.push({ message, bytes, afterPing: socket?.pings.sent ?? 0 })
    keptBytes += bytes
  }

  function forget(isKnown: (one: Kept) => boolean): void {
    const known = kept.filter(isKnown)
    if (known.length === 0) return
    kept = kept.filter((one) => !isKnown(one))
    keptBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0)
    confirmedMs = known.reduce((ms, { message }) => Math.max(ms, message.end_ms), confirmedMs)
  }

  function update(): void {
    if (!socket) return
    const { answered } = socket.pings
    forget(({ afterPing }) => afterPing < answered)
  }

  return {
    get socket() {
      return socket
    },
    get resumes() {
      return Math.max(0, attachments - 1)
    },
    get confirmedMs() {
      return Math.floor(confirmedMs)
    },
    send(message) {
      if (message.type === 'transcript' && message.is_final) keep(message)
      if (message.type === 'upstream_reconnecting') isReconnecting = true
      if (message.type === 'upstream_recovered') isReconnecting = false
      if (socket) return socket.send(message)
      if (message.type === 'transcript') interim = message.is_final ? undefined : message
      if (message.type === 'credits_low') creditsLow = message
    },
    detach() {
      update()
      socket = undefined
    },
    attach(next, ready, horizonMs) {
      if (horizonMs !== undefined) forget(({ message }) => message.end_ms <= horizonMs)
      socket = next
      attachments += 1
      next.send(ready)
      // They are kept on: this connection may be lost, too.
      kept = kept.map((one) => ({ ...one, afterPing: next.pings.sent }))
      for (const { message } of kept) next.send(message)
      for (const news of [interim, creditsLow]) if (news) next.send(news)
      if (isReconnecting) next.send({ type: 'upstream_reconnecting' })
      interim = undefined
      creditsLow = undefined
    },
    update,
    get isUnconfirmed() {
      const newest = kept.at(-1)
      return newest !== undefined && newest.afterPing === socket?.pings.sent
    },
    get overflowed() {
      return overflowed
    },
  }
}
