import type { ServerResponse } from 'node:http'
import type { OverlayState } from './overlay-state.ts'

/** Open streams at most; a streamer has a handful of scenes, each with one. */
export const STREAMS_MAX = 32
/** How long a page waits before it connects again, in ms. */
const RETRY_MS = 1000

export interface CaptionStreamDeps {
  /** Tells this run's event ids from those of a server that ran before on the same port. */
  readonly runId: string
  /** A comment is sent this often, in ms, so that both ends notice a dead connection. */
  readonly heartbeatMs: number
}

export interface CaptionStream {
  /** Sends the state to every open stream, unless it is the one they have. */
  publish(state: OverlayState): void
  /**
   * Makes the answer an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)
   * that begins with the current state, unless `lastEventId` says that the page has it. The
   * response's head must not be written yet. Returns false, and leaves the response alone, where
   * `STREAMS_MAX` are open.
   */
  open(response: ServerResponse, lastEventId?: string): boolean
  /** Stops the heartbeat and ends every stream. */
  close(): void
}

interface Client {
  readonly response: ServerResponse
  /** Version of the state that was handed to the socket last. */
  sentVersion: number
  /** The socket's buffer is full: nothing is written until it drains. */
  blocked: boolean
}

/**
 * Server-sent events that carry a state, not a history: a client too slow for all of them skips to
 * the newest, so that what waits for it is never more than one state beyond its socket's buffer.
 */
export function createCaptionStream({ runId, heartbeatMs }: CaptionStreamDeps): CaptionStream {
  const clients = new Set<Client>()
  let version = 0
  let data = JSON.stringify({ lines: [], interim: '' } satisfies OverlayState)

  const heartbeat = setInterval(() => {
    for (const client of clients) write(client, ': alive\n\n')
  }, heartbeatMs)
  heartbeat.unref()

  function write(client: Client, text: string): void {
    if (!client.blocked) client.blocked = !client.response.write(text)
  }

  function sendState(client: Client): void {
    if (client.blocked || client.sentVersion === version) return
    client.sentVersion = version
    write(client, `id: ${runId}-${version}\ndata: ${data}\n\n`)
  }

  return {
    publish(state) {
      const next = JSON.stringify(state)
      if (next === data) return
      data = next
      version += 1
      for (const client of clients) sendState(client)
    },

    open(response, lastEventId) {
      if (clients.size >= STREAMS_MAX) return false
      const upToDate = lastEventId === `${runId}-${version}`
      const client: Client = { response, sentVersion: upToDate ? version : -1, blocked: false }
      clients.add(client)
      response.on('drain', () => {
        client.blocked = false
        sendState(client)
      })
      response.on('close', () => clients.delete(client))
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      write(client, `retry: ${RETRY_MS}\n\n`)
      sendState(client)
      return true
    },

    close() {
      clearInterval(heartbeat)
      for (const { response } of clients) response.end()
      clients.clear()
    },
  }
}
