import { BYTES_PER_MS } from '@saywire/protocol'

export const FRAME_MS = 100
export const FRAME_BYTES = FRAME_MS * BYTES_PER_MS
export const HEADER_BYTES = 32

/** Behind the header every frame holds this noise: a byte that was altered shows. */
const NOISE = makeNoise()

/** What a frame says of itself. */
export interface FrameHeader {
  readonly stream: number
  /** From 0. */
  readonly sequence: number
  /** Of the clock that all processes of a machine share, µs. */
  readonly sentAtUs: number
}

/** CLOCK_MONOTONIC, µs: the same in all processes of this machine. */
export function nowUs(): number {
  return Number(process.hrtime.bigint()) / 1000
}

/** A frame of audio without its header. */
export function blankFrame(): Buffer {
  return Buffer.from(NOISE)
}

export function writeHeader(at: Buffer, { stream, sequence, sentAtUs }: FrameHeader): void {
  at.writeUInt32LE(stream, 0)
  at.writeUInt32LE(sequence, 4)
  at.writeDoubleLE(sentAtUs, 8)
  at.writeUInt32LE(checkWord(at), 16)
}

/** Undefined where a byte is not what was sent. */
export function readFrame(frame: Buffer): FrameHeader | undefined {
  if (frame.readUInt32LE(16) !== checkWord(frame)) return undefined
  const isNoise = frame.compare(NOISE, HEADER_BYTES, FRAME_BYTES, HEADER_BYTES, FRAME_BYTES) === 0
  if (!isNoise || frame.compare(NOISE, 20, HEADER_BYTES, 20, HEADER_BYTES) !== 0) return undefined
  return {
    stream: frame.readUInt32LE(0),
    sequence: frame.readUInt32LE(4),
    sentAtUs: frame.readDoubleLE(8),
  }
}

/** Of the first 16 bytes. */
function checkWord(frame: Buffer): number {
  let sum = 0x9e3779b9
  for (let at = 0; at < 16; at += 4) sum = Math.imul(sum ^ frame.readUInt32LE(at), 0x01000193)
  return sum >>> 0
}

function makeNoise(): Buffer {
  const noise = Buffer.alloc(FRAME_BYTES)
  let state = 1
  for (let at = 0; at < FRAME_BYTES; at += 2) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    noise.writeInt16LE((state >>> 20) - 2048, at)
  }
  return noise
}
