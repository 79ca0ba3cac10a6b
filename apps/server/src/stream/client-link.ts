import type { ServerMessage, TranscriptMessage } from '@saywire/protocol'
import type { StreamSocket } from './stream-socket.ts'

export interface ClientLinkOptions {
  /** Finals that may not have arrived: at most so many, of so many bytes of text. */
  readonly keptMax: number
  readonly keptMaxBytes: number
  /** The client has every final up to here; default 0. */
  readonly confirmedMs?: number
}

interface Kept {
  readonly text: string
  /** End of the final. */
  readonly endMs: number
  /** An answer to a later ping of the same connection proves that it arrived. */
  readonly afterPing: number
}

/**
 * A client's session goes on over one connection after the other; this is what connects them. At
 * first the client is away.
 */
export class ClientLink {
  readonly #options: ClientLinkOptions
  #socket: StreamSocket | undefined
  #kept: Kept[] = []
  #keptBytes = 0
  #overflowed = false
  #attachments = 0
  #confirmedMs: number
  /** What a client that comes back is told once: the newest of each. */
  #interim: string | undefined
  #creditsLow: ServerMessage | undefined
  #isReconnecting = false

  constructor(options: ClientLinkOptions) {
    this.#options = options
    this.#confirmedMs = options.confirmedMs ?? 0
  }

  /** The connection now; undefined while the client is away. */
  get socket(): StreamSocket | undefined {
    return this.#socket
  }

  /** How often the client came back. */
  get resumes(): number {
    return Math.max(0, this.#attachments - 1)
  }

  /** The finals that the client certainly has end here, ms. */
  get confirmedMs(): number {
    return Math.floor(this.#confirmedMs)
  }

  /** Finals were sent since the last ping: only an answer to the next one proves that they arrived. */
  get isUnconfirmed(): boolean {
    const newest = this.#kept.at(-1)
    return newest !== undefined && newest.afterPing === this.#socket?.pings.sent
  }

  /** More finals came than are kept while the client was away: it would miss some. */
  get overflowed(): boolean {
    return this.#overflowed
  }

  /** To the client; what matters is kept for it while it is away. */
  send(message: ServerMessage): void {
    if (message.type === 'transcript') return this.#sendTranscript(message)
    if (message.type === 'upstream_reconnecting') this.#isReconnecting = true
    if (message.type === 'upstream_recovered') this.#isReconnecting = false
    if (this.#socket) return this.#socket.send(message)
    if (message.type === 'credits_low') this.#creditsLow = message
  }

  #sendTranscript(message: TranscriptMessage): void {
    const text = JSON.stringify(message)
    if (message.is_final) this.#keep(message, text)
    if (this.#socket) this.#socket.sendText(text, !message.is_final)
    else this.#interim = message.is_final ? undefined : text
  }

  #keep(message: TranscriptMessage, text: string): void {
    const { keptMax, keptMaxBytes } = this.#options
    const isFull = this.#kept.length >= keptMax || this.#keptBytes + text.length > keptMaxBytes
    this.#overflowed ||= isFull && !this.#socket
    if (this.#overflowed) return
    // A client that is there and has answered no ping for so long is about to be cut off.
    if (isFull) this.#keptBytes -= this.#kept.shift()?.text.length ?? 0
    this.#kept.push({ text, endMs: message.end_ms, afterPing: this.#socket?.pings.sent ?? 0 })
    this.#keptBytes += text.length
  }

  #forget(isKnown: (one: Kept) => boolean): void {
    const known = this.#kept.filter(isKnown)
    if (known.length === 0) return
    this.#kept = this.#kept.filter((one) => !isKnown(one))
    this.#keptBytes = this.#kept.reduce((sum, { text }) => sum + text.length, 0)
    this.#confirmedMs = known.reduce((ms, { endMs }) => Math.max(ms, endMs), this.#confirmedMs)
  }

  /** The connection is of no use any more. */
  detach(): void {
    this.update()
    this.#socket = undefined
  }

  /**
   * Goes on over this one: sends `ready`, then the finals that may not have arrived and what else
   * is news to the client.
   * @param horizonMs the client has every final up to here; undefined: it does not say
   */
  attach(
    next: StreamSocket,
    ready: Extract<ServerMessage, { type: 'ready' }>,
    horizonMs: number | undefined,
  ): void {
    if (horizonMs !== undefined) this.#forget(({ endMs }) => endMs <= horizonMs)
    this.#socket = next
    this.#attachments += 1
    next.send(ready)
    // They are kept on: this connection may be lost, too.
    this.#kept = this.#kept.map((one) => ({ ...one, afterPing: next.pings.sent }))
    for (const { text } of this.#kept) next.sendText(text)
    if (this.#interim !== undefined) next.sendText(this.#interim, true)
    if (this.#creditsLow) next.send(this.#creditsLow)
    if (this.#isReconnecting) next.send({ type: 'upstream_reconnecting' })
    this.#interim = undefined
    this.#creditsLow = undefined
  }

  /** Takes note of pings that were answered. */
  update(): void {
    if (!this.#socket || this.#kept.length === 0) return
    const { answered } = this.#socket.pings
    this.#forget(({ afterPing }) => afterPing < answered)
  }
}
