import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { FakeDeepgramConnection } from './fake-deepgram-connection.ts'
import { serveFakeStream } from './fake-deepgram-connection.ts'
import type { FakeDeepgramFault, Refusal } from './fake-deepgram-faults.ts'
import { takeFault } from './fake-deepgram-faults.ts'
import type { FakeTranscriber, TranscriberOptions } from './fake-deepgram-scribe.ts'
import { createFakeTranscriber } from './fake-deepgram-transcriber.ts'
import { refuseQuery } from './fake-deepgram-query.ts'

export interface FakeDeepgramOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** The one key that is let in. Default `fake-deepgram-key`. */
  readonly apiKey?: string
  /** Time without audio or KeepAlive before close 1011. Default 10,000 ms, as Deepgram. */
  readonly idleTimeoutMs?: number
  /** Streams at a time; the next one is refused with 429. Default 150, as Deepgram. */
  readonly maxStreams?: number
  /** False: counted only, for long runs. Default true. */
  readonly keepAudio?: boolean
  /** Time until anything is answered on a stream. Default 0. */
  readonly latencyMs?: number
  /** Who hears the words. Default: the one that names them after their bytes. */
  readonly transcribe?: (options: TranscriberOptions) => FakeTranscriber
}

export interface FakeDeepgram extends AsyncDisposable {
  /** Base address for the engine. */
  readonly url: string
  readonly apiKey: string
  /** Accepted streams, oldest first, the ended ones included. */
  readonly connections: readonly FakeDeepgramConnection[]
  /** Streams that are open now. */
  readonly openCount: number
  /** Misbehaviour to come; each is used once. */
  readonly faults: FakeDeepgramFault[]
}

/**
 * A real server on this machine that speaks Deepgram's live protocol: Token authentication (also
 * of GET /v1/auth/token, which tells whether a key is good), query validation, Results,
 * SpeechStarted, UtteranceEnd, Metadata, KeepAlive, Finalize, CloseStream and its time limits. Its
 * words come from the audio's bytes (see fake-deepgram-transcriber.ts).
 */
export async function startFakeDeepgram(options: FakeDeepgramOptions = {}): Promise<FakeDeepgram> {
  const { apiKey = 'fake-deepgram-key', idleTimeoutMs = 10_000, maxStreams = 150 } = options
  const { keepAudio = true, latencyMs = 0, transcribe = createFakeTranscriber } = options
  const connections: FakeDeepgramConnection[] = []
  const faults: FakeDeepgramFault[] = []
  const sockets = new Set<Socket>()
  const streams = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer((request, response) => {
    if (request.url !== '/v1/auth/token') return response.writeHead(404).end()
    const fault = takeFault(faults, 'check-key')
    if (fault) return refuseByFault(request.socket, fault)
    if (request.headers.authorization !== `Token ${apiKey}`) {
      return refuse(request.socket, 401, 'Invalid credentials.')
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ api_key_id: 'fake', scopes: ['usage:write'] }))
  })

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake')
    const fault = takeFault(faults, 'connect', query)
    if (fault) return refuseByFault(socket, fault)
    if (pathname !== '/v1/listen') return refuse(socket, 404, 'Not Found')
    if (request.headers.authorization !== `Token ${apiKey}`) {
      return refuse(socket, 401, 'Invalid credentials.')
    }
    if (streams.clients.size >= maxStreams) return refuse(socket, 429, 'Too many requests.', 1)
    const objection = refuseQuery(query)
    if (objection) return refuse(socket, objection.status, objection.dgError)
    streams.handleUpgrade(request, socket, head, (ws) => {
      const headers = request.headers as Record<string, string | undefined>
      const stream = { ws, socket, query, headers, faults, idleTimeoutMs, keepAudio }
      connections.push(serveFakeStream({ ...stream, latencyMs, transcribe }))
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    connections,
    faults,
    get openCount() {
      return streams.clients.size
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuseByFault(socket: Socket, fault: Refusal): void {
  switch (fault.action) {
    case 'refuse':
      return refuse(socket, fault.status, fault.dgError ?? 'Refused on demand.', fault.retryAfterS)
    case 'drop':
      socket.resetAndDestroy()
      return
    case 'hang':
  }
}

function refuse(socket: Socket, status: number, dgError: string, retryAfterS?: number): void {
  const body = JSON.stringify({ err_msg: dgError, request_id: 'fake' })
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `dg-error: ${dgError}`,
    ...(retryAfterS === undefined ? [] : [`retry-after: ${retryAfterS}`]),
    'connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
