import type { ServerResponse } from 'node:http'
import type { CaptionState, NamedOverlay } from '@saywire/overlay'
import { noCaptions } from '@saywire/overlay'

/** Open streams at most; a streamer has a handful of scenes, each with one. */
export const STREAMS_MAX = 32
/** How long a page waits before it connects again, in ms. */
const RETRY_MS = 1000

export interface CaptionStreamDeps {
  /** Tells this run's event ids from those of a server that ran before on the same port. */
  readonly runId: string
  /** A comment is sent this often, in ms, so that both ends notice a dead connection. */
  readonly heartbeatMs: number
  /** The clock of the captions' times, ms. */
  readonly now: () => number
}

export interface CaptionStream {
  /** What was published last. */
  readonly captions: CaptionState
  /** Streams that are open. */
  readonly viewers: number
  /** Sends the captions to every open stream. Returns the event's id; none where they have it. */
  publish(captions: CaptionState): string | undefined
  /** Sends each stream its overlay's look where that changed; ends those whose overlay is gone. */
  setOverlays(overlays: readonly NamedOverlay[]): void
  /**
   * Makes the answer an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)
   * that begins with the overlay's look and the current captions, unless `lastEventId` says that the
   * page has these. The response's head must not be written yet. Returns false, and leaves the
   * response alone, where `STREAMS_MAX` are open.
   */
  open(response: ServerResponse, overlay: string, lastEventId?: string): boolean
  /** Ends every stream; pages connect again by themselves. */
  endAll(): void
  /** Stops the heartbeat and ends every stream. */
  close(): void
}

interface Client {
  readonly response: ServerResponse
  readonly overlay: string
  /** Version of the captions that was handed to the socket last. */
  sentVersion: number
  /** The look that was handed to the socket last. */
  sentLook: string
  /** The socket's buffer is full: nothing is written until it drains. */
  blocked: boolean
}

/**
 * Server-sent events that carry a state, not a history: a client too slow for all of them skips to
 * the newest, so that what waits for it is never more than one state beyond its socket's buffer.
 */
export function createCaptionStream({ runId, heartbeatMs, now }: CaptionStreamDeps): CaptionStream {
  const clients = new Set<Client>()
  let looks: ReadonlyMap<string, string> = new Map()
  let captions = noCaptions
  let version = 0
  let data = JSON.stringify(captions)

  const heartbeat = setInterval(() => {
    for (const client of clients) write(client, ': alive\n\n')
  }, heartbeatMs)
  heartbeat.unref()

  function write(client: Client, text: string): void {
    if (!client.blocked) client.blocked = !client.response.write(text)
  }

  function sendNews(client: Client): void {
    const look = looks.get(client.overlay) ?? ''
    if (!client.blocked && client.sentLook !== look) {
      client.sentLook = look
      write(client, `event: look\ndata: ${look}\n\n`)
    }
    if (!client.blocked && client.sentVersion !== version) {
      client.sentVersion = version
      const id = `id: ${runId}-${version}`
      write(client, `event: captions\n${id}\ndata: {"nowMs":${now()},"captions":${data}}\n\n`)
    }
  }

  function endAll(): void {
    // Each leaves the set when it has closed.
    for (const { response } of clients) response.end()
  }

  return {
    get captions() {
      return captions
    },

    get viewers() {
      return clients.size
    },

    publish(next) {
      if (next === captions) return undefined
      captions = next
      data = JSON.stringify(next)
      version += 1
      for (const client of clients) sendNews(client)
      return `${runId}-${version}`
    },

    setOverlays(overlays) {
      looks = new Map(overlays.map(({ name, style }) => [name, JSON.stringify({ style })]))
      for (const client of clients) {
        if (looks.has(client.overlay)) sendNews(client)
        else client.response.end()
      }
    },

    open(response, overlay, lastEventId) {
      if (clients.size >= STREAMS_MAX) return false
      const sentVersion = lastEventId === `${runId}-${version}` ? version : -1
      const client: Client = { response, overlay, sentVersion, sentLook: '', blocked: false }
      clients.add(client)
      response.on('drain', () => {
        client.blocked = false
        sendNews(client)
      })
      response.on('close', () => clients.delete(client))
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      write(client, `retry: ${RETRY_MS}\n\n`)
      sendNews(client)
      return true
    },

    endAll,

    close() {
      clearInterval(heartbeat)
      endAll()
    },
  }
}
