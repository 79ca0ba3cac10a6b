import type { Random } from './random.ts'

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

interface FrameShape extends Frame {
  readonly isLast?: boolean
  /** The three reserved bits. */
  readonly reserved?: number
  readonly isMasked?: boolean
  /** What the header says, which need not be true. */
  readonly length?: bigint
}

const MASK = Buffer.from([0x5a, 0xc3, 0x17, 0x99])

/** A client's frame, as wrong as it is asked to be. */
export function encodeFrame(frame: FrameShape): Buffer {
  const { opcode, payload, isLast = true, reserved = 0, isMasked = true } = frame
  const length = frame.length ?? BigInt(payload.length)
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode
  const maskBit = isMasked ? 0x80 : 0
  const header =
    length < 126n
      ? Buffer.from([first, maskBit | Number(length)])
      : length < 65_536n
        ? Buffer.from([first, maskBit | 126, Number(length >> 8n), Number(length & 255n)])
        : Buffer.concat([Buffer.from([first, maskBit | 127]), bigEndian(length)])
  if (!isMasked) return Buffer.concat([header, payload])
  const masked = payload.map((byte, i) => byte ^ (MASK[i % 4] ?? 0))
  return Buffer.concat([header, MASK, masked])
}

function bigEndian(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value))
  return bytes
}

/** Something that no client may send: it ends the connection, or is incomplete. */
export function brokenFrame(random: Random, payload: Buffer): Buffer {
  switch (random.int(9)) {
    case 0:
      return encodeFrame({ opcode: TEXT, payload, reserved: 1 + random.int(7) })
    case 1:
      return encodeFrame({ opcode: 3 + random.int(5), payload })
    case 2:
      return encodeFrame({ opcode: TEXT, payload, isMasked: false })
    case 3:
      return encodeFrame({ opcode: 0, payload })
    case 4:
      return encodeFrame({ opcode: 9, payload: Buffer.alloc(126 + random.int(1000)) })
    case 5:
      return encodeFrame({ opcode: BINARY, payload, length: (1n << 63n) | BigInt(random.int(9)) })
    case 6:
      return encodeFrame({ opcode: BINARY, payload, length: BigInt(65_537 + random.int(2 ** 31)) })
    case 7:
      return encodeFrame({ opcode: CLOSE, payload: random.bytes(random.int(6)) })
    default:
      return encodeFrame({ opcode: TEXT, payload: Buffer.from([0xc0, 0x80, ...payload]) })
  }
}

/** Cuts what a server sends into frames. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let buffered = Buffer.alloc(0)
  return (chunk) => {
    buffered = Buffer.concat([buffered, chunk])
    for (;;) {
      const short = (buffered[1] ?? 0) & 0x7f
      const start = short < 126 ? 2 : short === 126 ? 4 : 10
      if (buffered.length < start) return
      const length =
        short < 126
          ? short
          : short === 126
            ? buffered.readUInt16BE(2)
            : Number(buffered.readBigUInt64BE(2))
      if (buffered.length < start + length) return
      const payload = buffered.subarray(start, start + length)
      const opcode = (buffered[0] ?? 0) & 15
      buffered = buffered.subarray(start + length)
      onFrame({ opcode, payload })
    }
  }
}
