import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { OverlayStyle } from '@saywire/overlay'
import { WebSocket } from 'ws'
import type { StreamMessage } from '../overlay-messages.ts'

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | undefined
}

/** One request on a connection of its own; unlike `fetch` it may say any Host and Origin. */
export async function open(url: string, ask: Ask = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = ask
  const sent = request(url, { method, headers, agent: false }).end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

/** The same, with the answer read to its end. */
export async function get(url: string, ask?: Ask): Promise<Answer> {
  const response = await open(url, ask)
  response.setEncoding('utf8')
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode, headers: response.headers, body }
}

/** What a page sends to open the caption stream. */
export const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
}

export interface EventReader {
  /** Everything received so far, as it came. */
  readonly text: string
  /** What each `captions` message received so far shows, a guess in brackets. */
  readonly shown: readonly (readonly string[])[]
  /** The style in each `look` message received so far. */
  readonly styles: readonly OverlayStyle[]
  readonly lastId: string | undefined
  /** True once the server has ended the stream. */
  readonly ended: boolean
  /** Stops and restarts reading from the socket. */
  pause(): void
  resume(): void
  close(): void
}

/** Reads the caption stream as it comes. */
export async function readEvents(
  url: string,
  headers: OutgoingHttpHeaders = {},
): Promise<EventReader> {
  const socket = new WebSocket(url.replace('http:', 'ws:'), { headers })
  const messages: string[] = []
  let ended = false
  socket.on('message', (data: Buffer) => messages.push(data.toString()))
  socket.on('close', () => (ended = true))
  await once(socket, 'open')
  // A stream that is cut off is one that has ended.
  socket.on('error', () => undefined)
  const parsed = () => messages.map((message) => JSON.parse(message) as StreamMessage)
  const captions = () => parsed().filter((message) => message.type === 'captions')
  return {
    get text() {
      return messages.join('\n')
    },
    get shown() {
      return captions().map(({ captions: { lines, interim } }) =>
        lines.map((line) => line.text).concat(interim ? `[${interim.text}]` : []),
      )
    },
    get styles() {
      return parsed().flatMap((message) => (message.type === 'look' ? [message.style] : []))
    },
    get lastId() {
      return captions().at(-1)?.eventId
    },
    get ended() {
      return ended
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.terminate(),
  }
}
