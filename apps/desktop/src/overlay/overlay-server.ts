import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CaptionSink } from '../core/ports.ts'
import { createCaptionStream, STREAMS_MAX } from './caption-stream.ts'
import { OverlayError } from './overlay-error.ts'
import { readOverlayFiles } from './overlay-files.ts'
import { overlayState } from './overlay-state.ts'
import { refusalOf } from './request-guard.ts'

const PORT_DEFAULT = 8080
const HEARTBEAT_MS = 15_000

const HEADERS = {
  'cache-control': 'no-store',
  // OBS applies a source's "Custom CSS" by adding a <style> element, hence the inline styles.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export interface OverlayServerOptions {
  /** 1–65,535, or 0 for any free one; 8080 where it is left out. */
  readonly port?: number
  /** Told once, in one sentence, when another web site tried to read the captions. */
  readonly log?: (sentence: string) => void
  /** Event ids start with it; random where it is left out. */
  readonly runId?: string
  /** Time between heartbeats of `/captions`, in ms; 15,000 where it is left out. */
  readonly heartbeatMs?: number
}

export interface OverlayServer {
  /** What a streamer gives OBS as the address of a browser source. */
  readonly url: string
  /** Shows on every open page what it is told. */
  readonly sink: CaptionSink
  /** Ends every stream at once and frees the port. Pages connect again when a server is back. */
  close(): Promise<void>
}

/**
 * Serves the caption overlay to this machine: `GET /` is the page for an OBS browser source,
 * `GET /captions` the event stream that it reads, an `OverlayState` in each event.
 * @throws OverlayError where the port cannot be had
 */
export async function startOverlayServer(
  options: OverlayServerOptions = {},
): Promise<OverlayServer> {
  const { port: wantedPort = PORT_DEFAULT, log, runId = randomUUID() } = options
  const files = await readOverlayFiles()
  const stream = createCaptionStream({ runId, heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS })
  let refusalTold = false

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    const refusal = refusalOf(request, port)
    if (refusal === undefined) return answer(request, response)
    if (refusal.status === 403 && !refusalTold) {
      refusalTold = true
      log?.('Another web site tried to read the captions from the overlay; it got nothing.')
    }
    if (refusal.status === 405) response.setHeader('allow', 'GET, HEAD')
    sendText(response, refusal.status, refusal.message)
  })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?', 1)[0] ?? ''
    const file = files.get(path)
    if (file) {
      response.writeHead(200, {
        'content-type': file.contentType,
        'content-length': file.body.byteLength,
      })
      response.end(file.body)
    } else if (path !== '/captions') {
      sendText(response, 404, 'There is nothing here; the overlay is at / .')
    } else if (request.method === 'HEAD') {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end()
    } else if (!stream.open(response, request.headers['last-event-id']?.toString())) {
      response.setHeader('retry-after', '5')
      sendText(response, 503, `The overlay is open ${STREAMS_MAX} times; close some of them.`)
    }
  }

  try {
    server.listen(wantedPort, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    stream.close()
    throw listenError(error, wantedPort)
  }
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/`,
    sink: { onEvent: (_event, transcript) => stream.publish(overlayState(transcript)) },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      stream.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function sendText(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${sentence}\n`)
}

function listenError(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  const remedy = 'choose another for the overlay with --overlay <port>, for example --overlay 8090.'
  if (code === 'EADDRINUSE') {
    return new OverlayError('port_taken', `Port ${port} is taken: ${remedy}`, error)
  }
  if (code === 'EACCES') {
    return new OverlayError('port_refused', `Port ${port} is not allowed here: ${remedy}`, error)
  }
  if (code === 'ERR_SOCKET_BAD_PORT') {
    return new OverlayError('port_refused', `Port ${port} does not exist: ${remedy}`, error)
  }
  return error
}
