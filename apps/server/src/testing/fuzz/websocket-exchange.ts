import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { createAnswerReader } from './http-answers.ts'
import type { Frame } from './websocket-frames.ts'
import { CLOSE, createFrameReader, encodeFrame } from './websocket-frames.ts'

/** How a connection went. */
export interface WebSocketOutcome {
  /** 101, or that of the refusal; undefined: no answer came. */
  readonly status: number | undefined
  /** Undefined where the server said nothing before the connection ended. */
  readonly closeCode: number | undefined
  /** The server did not end the connection in time. */
  readonly isLate: boolean
}

export interface WebSocketOptions {
  readonly path: string
  /** Sent along with the request for the upgrade, without waiting. */
  readonly first: Buffer
  /** A server's message; what the function returns is sent. */
  readonly onText: (text: string, send: (bytes: Buffer) => void) => void
  /** The server must have ended the connection within this time. */
  readonly timeoutMs: number
  readonly headers?: readonly string[]
}

const PING = 9
const PONG = 10

/** One connection to a WebSocket of the server, down to its bytes. */
export async function exchangeWebSocket(
  url: string,
  options: WebSocketOptions,
): Promise<WebSocketOutcome> {
  const { port, host } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined)
  const head = createAnswerReader()
  let status: number | undefined
  let closeCode: number | undefined
  let isLate = false
  const send = (bytes: Buffer): void => void (socket.writable && socket.write(bytes))

  function onFrame({ opcode, payload }: Frame): void {
    if (opcode === CLOSE) {
      closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
      if (socket.writable) socket.end(encodeFrame({ opcode, payload }))
    } else if (opcode === PING) send(encodeFrame({ opcode: PONG, payload }))
    else options.onText(payload.toString('utf8'), send)
  }
  const readFrames = createFrameReader(onFrame)

  socket.on('data', (chunk: Buffer) => {
    if (status === 101) return readFrames(chunk)
    head.push(chunk)
    const answer = head.next(false)
    if (!answer) return
    status = answer.status
    if (status === 101) readFrames(chunk.subarray(chunk.indexOf('\r\n\r\n') + 4))
    else options.onText(answer.body, send)
  })
  socket.write(Buffer.concat([upgradeRequest(host, options), options.first]))
  const timer = setTimeout(() => {
    isLate = true
    socket.destroy()
  }, options.timeoutMs)
  await ended(socket)
  clearTimeout(timer)
  return { status, closeCode, isLate }
}

function upgradeRequest(host: string, { path, headers = [] }: WebSocketOptions): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

async function ended(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}
