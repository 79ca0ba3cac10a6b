import type { CaptionState, NamedOverlay } from '@saywire/overlay'
import { noCaptions } from '@saywire/overlay'
import { watchPeer } from '@saywire/speech'
import type { WebSocket } from 'ws'
import type { CaptionsMessage, StreamMessage } from './overlay-messages.ts'

/** Open streams at most; a streamer has a handful of scenes, each with a few overlays. */
export const STREAMS_MAX = 64

/** A page that answers no ping is found within three of them, and its stream is ended. */
const PING_MS = 5000

export interface CaptionStreamDeps {
  /** Tells this run's event ids from those of a server that ran before on the same port. */
  readonly runId: string
  /** The clock of the captions' times, ms. */
  readonly now: () => number
  /** Default: 5000 ms. */
  readonly pingMs?: number | undefined
}

export interface CaptionStream {
  /** What was published last. */
  readonly captions: CaptionState
  /** Streams that are open. */
  readonly viewers: number
  /** No more streams are taken for now. */
  readonly isFull: boolean
  /** Sends the captions to every open stream. Returns the event's id; none where they have it. */
  publish(captions: CaptionState): string | undefined
  /** Sends each stream its overlay's look where that changed; ends those whose overlay is gone. */
  setOverlays(overlays: readonly NamedOverlay[]): void
  /** Sends the overlay's look and the captions, and from then on whatever changes of them. */
  open(socket: WebSocket, overlay: string): void
  /** Ends every stream at once; pages connect again by themselves. */
  endAll(): void
}

interface Client {
  readonly socket: WebSocket
  readonly overlay: string
  /** Version of the captions that was handed to the socket last. */
  sentVersion: number
  /** The look that was handed to the socket last. */
  sentLook: string
}

/**
 * WebSockets that carry a state, not a history: a client too slow for all of it skips to the newest,
 * so that what waits for it is never more than one state beyond its socket's buffer.
 *
 * WebSockets and not server-sent events, because a browser opens only six HTTP connections to an
 * address, over all its pages: the seventh overlay of a scene collection would never load.
 */
export function createCaptionStream({ runId, now, pingMs }: CaptionStreamDeps): CaptionStream {
  const clients = new Set<Client>()
  let looks: ReadonlyMap<string, string> = new Map()
  let captions = noCaptions
  let version = 0

  /** Called for every change, and whenever something has left for the client. */
  function sendNews(client: Client): void {
    const { socket, overlay } = client
    const isReady = () => socket.readyState === socket.OPEN && socket.bufferedAmount === 0
    const send = (text: string) => socket.send(text, () => sendNews(client))
    const look = looks.get(overlay)
    if (look !== undefined && client.sentLook !== look && isReady()) {
      client.sentLook = look
      send(look)
    }
    if (client.sentVersion !== version && isReady()) {
      client.sentVersion = version
      send(toText({ type: 'captions', runId, eventId: eventIdNow(), nowMs: now(), captions }))
    }
  }

  function eventIdNow(): CaptionsMessage['eventId'] {
    return `${runId}-${version}`
  }

  return {
    get captions() {
      return captions
    },

    get viewers() {
      return clients.size
    },

    get isFull() {
      return clients.size >= STREAMS_MAX
    },

    publish(next) {
      if (next === captions) return undefined
      captions = next
      version += 1
      for (const client of clients) sendNews(client)
      return eventIdNow()
    },

    setOverlays(overlays) {
      looks = new Map(overlays.map(({ name, style }) => [name, toText({ type: 'look', style })]))
      for (const client of clients) {
        if (looks.has(client.overlay)) sendNews(client)
        else client.socket.terminate()
      }
    },

    open(socket, overlay) {
      const client: Client = { socket, overlay, sentVersion: -1, sentLook: '' }
      clients.add(client)
      socket.on('close', () => clients.delete(client))
      // What is no WebSocket message ends the stream, and no more.
      socket.on('error', () => undefined)
      // A page whose captions stand still must not stay: it connects again, and has the newest.
      watchPeer(socket, pingMs ?? PING_MS)
      sendNews(client)
    },

    endAll() {
      // Each leaves the set when it has closed.
      for (const { socket } of clients) socket.terminate()
    },
  }
}

function toText(message: StreamMessage): string {
  return JSON.stringify(message)
}
