import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Duplex } from 'node:stream'
import { DefaultDeserializer, serialize } from 'node:v8'
import type { CaptureControl, CaptureMessage, CaptureTask } from '../capture-messages.ts'

const CAPTURE_PROCESS = fileURLToPath(new URL('../capture-process.ts', import.meta.url))
const LENGTH_BYTES = 4
const IPC_FD = 3

/** A real capture process, of whose channel every byte is seen. */
export interface TappedCapture {
  /** Everything that it said, in order, with what it took on the wire and when it was here. */
  readonly said: readonly Said[]
  /** Bytes that came out of its channel and its standard output and error, whatever they are. */
  readonly bytesOut: () => number
  post(control: CaptureControl): void
  kill(): void
}

export interface Said {
  readonly message: CaptureMessage
  /** With its frame. */
  readonly wireBytes: number
  readonly atMs: number
}

/**
 * Starts the capture process as fork() does, but with this test at the other end of the channel
 * instead of Node: what is counted here is what the kernel carried, not what somebody reports.
 */
export function tapCapture(task: CaptureTask, env: NodeJS.ProcessEnv): TappedCapture {
  const args = ['--import', 'tsx', CAPTURE_PROCESS, JSON.stringify(task)]
  const child = spawn(process.execPath, args, {
    env: {
      ...process.env,
      ...env,
      NODE_CHANNEL_FD: String(IPC_FD),
      NODE_CHANNEL_SERIALIZATION_MODE: 'advanced',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const channel = child.stdio[IPC_FD] as Duplex
  const said: Said[] = []
  let bytesOut = 0
  let pending = Buffer.alloc(0)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => (bytesOut += bytes.byteLength))
  }
  channel.on('data', (bytes: Buffer) => {
    const atMs = performance.now()
    bytesOut += bytes.byteLength
    pending = Buffer.concat([pending, bytes])
    while (pending.byteLength >= LENGTH_BYTES) {
      const wireBytes = LENGTH_BYTES + pending.readUInt32BE()
      if (pending.byteLength < wireBytes) break
      said.push({ message: decode(pending.subarray(LENGTH_BYTES, wireBytes)), wireBytes, atMs })
      pending = pending.subarray(wireBytes)
    }
  })
  return {
    said,
    bytesOut: () => bytesOut,
    post(control) {
      const body = serialize(control)
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt32BE(body.byteLength)
      channel.write(Buffer.concat([length, body]))
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** What DefaultDeserializer calls where V8 leaves a value to Node. */
const READ_OTHER = '_readHostObject'
type Reader = DefaultDeserializer & { [READ_OTHER]: () => unknown }

/** Node's own form of a message: V8's, with a tag before each array of bytes. */
function decode(body: Uint8Array): CaptureMessage {
  const reader = new DefaultDeserializer(body) as Reader
  const readBytes = reader[READ_OTHER]
  reader[READ_OTHER] = () => {
    reader.readUint32()
    return readBytes.call(reader)
  }
  reader.readHeader()
  return reader.readValue() as CaptureMessage
}
