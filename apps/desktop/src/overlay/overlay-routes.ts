import type { IncomingMessage } from 'node:http'
import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { NamedOverlay } from '@saywire/overlay'
import { parseJson, readUntrusted } from '@saywire/protocol'
import { WebSocketServer } from 'ws'
import type { CaptionStream } from './caption-stream.ts'
import { STREAMS_MAX } from './caption-stream.ts'
import type { FontStore } from './font-store.ts'
import type { OverlayFile } from './overlay-files.ts'
import type { ClockMessage } from './overlay-messages.ts'
import type { PaintLog } from './paint-log.ts'
import { PAINT_REPORT_BYTES_MAX, paintReportSchema } from './paint-report.ts'
import { refusalOf } from './request-guard.ts'

const CAPTIONS_PATH = '/captions'
const PAINTED_PATH = '/painted'

function headersOn(port: number): Record<string, string> {
  // Browsers differ in whether 'self' is also the WebSocket of this origin.
  const here = `'self' ws://127.0.0.1:${port} ws://localhost:${port}`
  return {
    'cache-control': 'no-store',
    // Custom CSS, of the look and of OBS, arrives as a <style> element, hence the inline styles. It
    // can load fonts from here and pictures that it brings along, and nothing from elsewhere.
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
      `connect-src ${here}; font-src 'self'; img-src data:; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}

export interface OverlayRoutesDeps {
  readonly files: ReadonlyMap<string, OverlayFile>
  readonly fonts: FontStore | undefined
  readonly stream: CaptionStream
  readonly paintLog: PaintLog
  /** At least one; the first is at `/`. */
  readonly overlays: () => readonly NamedOverlay[]
  /** The clock of the captions' times, ms. */
  readonly now: () => number
  /** Another web site was turned away. */
  readonly onForeigner: () => void
}

export interface OverlayRoutes {
  onRequest(request: IncomingMessage, response: ServerResponse): void
  /** A request for a WebSocket. */
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void
}

/** Answers every request to the overlay server; README.md lists the paths. */
export function createOverlayRoutes(deps: OverlayRoutesDeps): OverlayRoutes {
  const { files, fonts, stream, paintLog, overlays, now } = deps
  // Pages have nothing to say.
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 1024 })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path } = addressOf(request)
    const [, folder = '', name = '', ...deeper] = path.split('/')
    if (path === '/') return sendFile(response, files.get('/index.html'))
    if (folder === 'assets') return sendFile(response, files.get(path))
    if (folder === 'o' && deeper.length === 0) return sendPage(response, name)
    if (folder === 'fonts' && deeper.length === 0) {
      return sendFile(response, await fonts?.read(name))
    }
    if (path === CAPTIONS_PATH) {
      response.setHeader('upgrade', 'websocket')
      return sendText(response, 426, 'Captions are sent by WebSocket.')
    }
    if (path === '/clock') {
      response.writeHead(200, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ nowMs: now() } satisfies ClockMessage))
    }
    if (path === PAINTED_PATH) return takePaints(request, response)
    sendFile(response, undefined)
  }

  function sendPage(response: ServerResponse, name: string): void {
    if (has(name)) sendFile(response, files.get('/index.html'))
    else sendText(response, 404, noSuchOverlay(name, overlays()))
  }

  function openStream(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const response = refusing(request, socket)
    if (!mayAnswer(request, response)) return
    const { path, query } = addressOf(request)
    const name = query.get('overlay') ?? overlays()[0]?.name ?? ''
    if (path !== CAPTIONS_PATH) sendFile(response, undefined)
    else if (!has(name)) sendText(response, 404, noSuchOverlay(name, overlays()))
    else if (stream.isFull) {
      response.setHeader('retry-after', '5')
      sendText(response, 503, `The overlay is open ${STREAMS_MAX} times; close some of them.`)
    } else {
      response.detachSocket(socket)
      sockets.handleUpgrade(request, socket, head, (opened) => stream.open(opened, name))
    }
  }

  async function takePaints(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, PAINT_REPORT_BYTES_MAX)
    if (body === undefined) return sendText(response, 413, 'This report is too large.')
    const report = readUntrusted(paintReportSchema, parseJson(body))
    if (!report.success) return sendText(response, 400, 'This is no report of paints.')
    paintLog.report(report.data, now())
    response.writeHead(204).end()
  }

  function has(name: string): boolean {
    return overlays().some((overlay) => overlay.name === name)
  }

  /** False where the answer has been a refusal. */
  function mayAnswer(request: IncomingMessage, response: ServerResponse): boolean {
    const port = request.socket.localPort ?? 0
    for (const [name, value] of Object.entries(headersOn(port))) response.setHeader(name, value)
    const refusal = refusalOf(request, port, PAINTED_PATH)
    if (!refusal) return true
    if (refusal.status === 403) deps.onForeigner()
    if (refusal.allow) response.setHeader('allow', refusal.allow)
    sendText(response, refusal.status, refusal.message)
    return false
  }

  return {
    onRequest(request, response) {
      if (!mayAnswer(request, response)) return
      // A font that vanishes while it is read, a report that is cut off.
      answer(request, response).catch(() => response.destroy())
    },
    onUpgrade: openStream,
  }
}

function addressOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '', query = ''] = request.url?.split('?', 2) ?? []
  return { path, query: new URLSearchParams(query) }
}

/** An HTTP answer to a request for a WebSocket, after which the connection is of no use. */
function refusing(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => socket.destroySoon())
  socket.on('error', () => socket.destroy())
  return response
}

function noSuchOverlay(name: string, overlays: readonly NamedOverlay[]): string {
  const paths = overlays.map((overlay) => `\n  /o/${overlay.name}`).join('')
  return `There is no overlay "${name}". These there are:${paths}`
}

function sendFile(response: ServerResponse, file: OverlayFile | undefined): void {
  if (!file) return sendText(response, 404, 'There is nothing here; the overlay is at / .')
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': file.body.byteLength,
  })
  response.end(file.body)
}

function sendText(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${sentence}\n`)
}

/** undefined where there is more than `bytesMax`; the rest is then not read. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
