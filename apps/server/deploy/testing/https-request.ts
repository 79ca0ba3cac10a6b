import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface HttpsAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface HttpsRequest extends RequestOptions {
  readonly body?: string | Buffer
}

/** One request on a connection of its own: from an address of choice, which fetch() cannot. */
export async function requestHttps(url: string, options: HttpsRequest): Promise<HttpsAnswer> {
  const { body, ...rest } = options
  const sent = request(url, { agent: false, ...rest })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  // A server that has heard enough may hang up on the rest of the body.
  sent.on('error', () => undefined)
  sent.end(body)
  const [answer] = await answered
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}
