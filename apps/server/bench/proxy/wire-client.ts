import { randomBytes } from 'node:crypto'
import { createConnection } from 'node:net'
import { blankFrame, FRAME_BYTES, HEADER_BYTES, writeHeader } from './audio-frame.ts'
import type { FrameHeader } from './audio-frame.ts'

const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10
const MASK = Buffer.from([0x5a, 0xc3, 0x17, 0x6e])
const HEAD_BYTES = 8

/** Every audio message: head, mask and noise are the same; only the 32 bytes of the header change. */
const MESSAGE = Buffer.concat([
  Buffer.from([0x80 | BINARY, 0x80 | 126, FRAME_BYTES >> 8, FRAME_BYTES & 0xff]),
  MASK,
  masked(blankFrame()),
])

export interface WireClientOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly onOpen: () => void
  readonly onText: (text: string) => void
  /** Once; also where it never opened, with the HTTP status or 1006. */
  readonly onClose: (code: number) => void
}

export interface WireClient {
  sendText(text: string): void
  sendFrame(header: FrameHeader): void
  destroy(): void
}

/**
 * A WebSocket that costs a load generator a fifth of what a general one does: a thousand of them
 * must fit into one core, with what they talk to.
 */
export function dialWire(options: WireClientOptions): WireClient {
  const { hostname, port, pathname, search } = new URL(options.url)
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true })
  let isOpen = false
  let pending: Buffer = Buffer.alloc(0)
  let closeCode = 1006
  const header = Buffer.alloc(HEADER_BYTES)

  function send(opcode: number, payload: Buffer): void {
    const { byteLength } = payload
    const length =
      byteLength < 126 ? [0x80 | byteLength] : [0x80 | 126, byteLength >> 8, byteLength & 0xff]
    socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length]), MASK, masked(payload)]))
  }

  function onData(data: Buffer): void {
    pending = pending.byteLength === 0 ? data : Buffer.concat([pending, data])
    if (!isOpen) readUpgrade()
    if (isOpen) readMessages()
  }

  function readUpgrade(): void {
    const end = pending.indexOf('\r\n\r\n')
    if (end < 0) return
    const status = Number(pending.toString('latin1', 9, 12))
    pending = pending.subarray(end + 4)
    if (status === 101) {
      isOpen = true
      options.onOpen()
    } else {
      closeCode = status
      socket.destroy()
    }
  }

  function readMessages(): void {
    for (;;) {
      if (pending.byteLength < 2) return
      const short = (pending[1] as number) & 0x7f
      const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2
      if (pending.byteLength < headBytes) return
      const length =
        short === 126
          ? pending.readUInt16BE(2)
          : short === 127
            ? Number(pending.readBigUInt64BE(2))
            : short
      if (pending.byteLength < headBytes + length) return
      const payload = pending.subarray(headBytes, headBytes + length)
      const opcode = (pending[0] as number) & 0x0f
      pending = pending.subarray(headBytes + length)
      onMessage(opcode, payload)
    }
  }

  function onMessage(opcode: number, payload: Buffer): void {
    if (opcode === TEXT) options.onText(payload.toString())
    else if (opcode === PING) send(PONG, payload)
    else if (opcode === CLOSE) {
      closeCode = payload.byteLength >= 2 ? payload.readUInt16BE(0) : 1005
      send(CLOSE, payload)
      socket.end()
    }
  }

  socket.on('data', onData)
  socket.on('error', () => undefined)
  socket.on('close', () => options.onClose(closeCode))
  socket.on('connect', () => {
    const fields = {
      ...options.headers,
      host: `${hostname}:${port}`,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
  })

  return {
    sendText: (text) => send(TEXT, Buffer.from(text)),
    sendFrame(frame) {
      const message = Buffer.from(MESSAGE)
      message.copy(header, 0, HEAD_BYTES, HEAD_BYTES + HEADER_BYTES)
      unmask(header)
      writeHeader(header, frame)
      unmask(header)
      header.copy(message, HEAD_BYTES)
      socket.write(message)
    },
    destroy: () => socket.destroy(),
  }
}

function masked(payload: Buffer): Buffer {
  const copy = Buffer.from(payload)
  unmask(copy)
  return copy
}

/** Masking and unmasking are the same; in place. */
function unmask(payload: Buffer): void {
  for (let at = 0; at < payload.byteLength; at++) {
    payload[at] = (payload[at] as number) ^ (MASK[at % 4] as number)
  }
}
