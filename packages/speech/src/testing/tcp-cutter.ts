import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Lane } from './tcp-lane.ts'
import { createLane } from './tcp-lane.ts'

/** `up`: what the client sends; `down`: what the target sends. */
export type Direction = 'up' | 'down'

/** What a network does to a connection. Without a direction it happens to both. */
export type CutterFault =
  /** RST to both ends (behind a FIN, as Node does it). */
  | { readonly action: 'reset' }
  /** FIN to both ends, as a proxy that shuts down in order. */
  | { readonly action: 'end' }
  /** From now on everything is swallowed, ends and resets too, with the connection open. */
  | { readonly action: 'half-open'; readonly direction?: Direction }
  /** Nothing passes for this long, then everything that waited. Senders feel it. */
  | { readonly action: 'stall'; readonly durationMs: number; readonly direction?: Direction }
  /** RST to both ends once this many more bytes have passed, in the middle of a frame or not. */
  | { readonly action: 'cut'; readonly afterBytes: number; readonly direction: Direction }
  /** From now on everything comes this much later, in order. */
  | { readonly action: 'delay'; readonly delayMs: number; readonly direction?: Direction }
  /** For the next connection only: says this instead of the target, and ends. */
  | { readonly action: 'answer'; readonly text: string }

/** One connection through the cutter. */
export interface CutterLink {
  /** What the client sent first, up to 4 KiB: of HTTP, the request with its address. */
  readonly head: string
  readonly bytesUp: number
  readonly bytesDown: number
  /** Neither side has closed. */
  readonly isOpen: boolean
}

export interface TcpCutter extends AsyncDisposable {
  readonly port: number
  /** All there were, oldest first. */
  readonly links: readonly CutterLink[]
  /** Where new connections go; those that are open stay where they are. */
  target: CutterTarget | (() => CutterTarget)
  /** While true, new connections are reset as soon as they are accepted. Default false. */
  refuses: boolean
  /**
   * Does this to every open connection, or to those that `where` picks.
   * @returns how many it hit
   */
  strike(fault: CutterFault, where?: (link: CutterLink) => boolean): number
  /** Does this to the next connection, before its first byte passes. One fault per connection. */
  strikeNext(fault: CutterFault): void
}

export interface CutterTarget {
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Own address to dial from, for a target that counts its clients by theirs. Linux only. */
  readonly localAddress?: string
}

const HEAD_MAX_BYTES = 4096

/** A TCP proxy on 127.0.0.1 that does on demand what bad networks do. */
export async function startTcpCutter(target: TcpCutter['target']): Promise<TcpCutter> {
  const links: (CutterLink & { strike(fault: CutterFault): void; destroy(): void })[] = []
  const coming: CutterFault[] = []
  let refuses = false

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => undefined)
    if (refuses) return client.resetAndDestroy()
    const fault = coming.shift()
    if (fault?.action === 'answer') return void client.once('data', () => client.end(fault.text))
    const link = openLink(client, typeof target === 'function' ? target() : target)
    if (fault) link.strike(fault)
    links.push(link)
    return undefined
  })
  await listen(server)

  return {
    port: (server.address() as AddressInfo).port,
    links,
    get target() {
      return target
    },
    set target(next) {
      target = next
    },
    get refuses() {
      return refuses
    },
    set refuses(next) {
      refuses = next
    },
    strike(fault, where = () => true) {
      const hit = links.filter((link) => link.isOpen && where(link))
      for (const link of hit) link.strike(fault)
      return hit.length
    },
    strikeNext: (fault) => void coming.push(fault),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const link of links) link.destroy()
      await closed
    },
  }
}

function openLink(client: Socket, target: CutterTarget) {
  const where = { host: '127.0.0.1', ...target }
  const upstream = connect({ ...where, allowHalfOpen: true, noDelay: true })
  upstream.on('error', () => undefined)
  let head = ''
  const reset = () => {
    client.resetAndDestroy()
    upstream.resetAndDestroy()
  }
  const lanes: Record<Direction, Lane> = {
    up: createLane(client, upstream, reset),
    down: createLane(upstream, client, reset),
  }
  client.on('data', (bytes) => {
    if (head.length < HEAD_MAX_BYTES) head += bytes.toString('latin1')
  })

  return {
    get head() {
      return head.slice(0, HEAD_MAX_BYTES)
    },
    get bytesUp() {
      return lanes.up.passedBytes
    },
    get bytesDown() {
      return lanes.down.passedBytes
    },
    get isOpen() {
      return !client.destroyed && !upstream.destroyed
    },
    strike(fault: CutterFault) {
      const hit =
        'direction' in fault && fault.direction ? [lanes[fault.direction]] : [lanes.up, lanes.down]
      switch (fault.action) {
        case 'reset':
          return reset()
        case 'end':
          client.end()
          upstream.end()
          return
        case 'half-open':
          for (const lane of hit) lane.swallow()
          return
        case 'stall':
          for (const lane of hit) lane.hold(fault.durationMs)
          return
        case 'cut':
          for (const lane of hit) lane.resetAfter(fault.afterBytes)
          return
        case 'delay':
          for (const lane of hit) lane.delay(fault.delayMs)
          return
        case 'answer':
          throw new Error('Only a connection that is still to come can be answered.')
      }
    },
    destroy() {
      client.destroy()
      upstream.destroy()
    },
  }
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}
