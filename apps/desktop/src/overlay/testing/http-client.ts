import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { OverlayStyle } from '@saywire/overlay'
import type { CaptionsMessage, LookMessage } from '../overlay-messages.ts'

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

export interface EventReader {
  /** Everything received so far, as it came. */
  readonly text: string
  /** What each `captions` event received so far shows, a guess in brackets. */
  readonly shown: readonly (readonly string[])[]
  /** The style in each `look` event received so far. */
  readonly styles: readonly OverlayStyle[]
  readonly lastId: string | undefined
  /** True once the server has ended the stream. */
  readonly ended: boolean
  /** Stops and restarts reading from the socket. */
  pause(): void
  resume(): void
}

/** Reads an event stream as it comes. */
export async function readEvents(url: string, ask?: Ask): Promise<EventReader> {
  const response = await open(url, ask)
  let text = ''
  let ended = false
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => (text += chunk))
  // A stream that is cut off is one that has ended.
  response.on('error', () => undefined)
  response.on('close', () => (ended = true))
  return {
    get text() {
      return text
    },
    get shown() {
      return dataOf<CaptionsMessage>(text, 'captions').map(({ captions: { lines, interim } }) =>
        lines.map((line) => line.text).concat(interim ? `[${interim.text}]` : []),
      )
    },
    get styles() {
      return dataOf<LookMessage>(text, 'look').map(({ style }) => style)
    },
    get lastId() {
      return [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1]
    },
    get ended() {
      return ended
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
  }
}

function dataOf<T>(stream: string, event: string): T[] {
  const events = new RegExp(`^event: ${event}\\n(?:id: .*\\n)?data: (.*)\\n\\n`, 'gm')
  return [...stream.matchAll(events)].map(([, data = '']) => JSON.parse(data) as T)
}
