import { BYTES_PER_MS } from '@saywire/protocol'
import { createTokenBucket } from '../token-bucket.ts'

/**
 * Sends frames as fast as a token bucket allows: `burstMs` of audio at once, then `maxRate` times
 * real time. Live audio passes straight through; a file or a replay is slowed to what the server
 * accepts. The queue is bounded by its owner through `queuedBytes`.
 */
export interface PacedSender {
  push(frame: Uint8Array): void
  /** Resolves when everything pushed so far has been sent, or the sender was stopped. */
  drained(): Promise<void>
  /** Drops what is queued. */
  stop(): void
  readonly queuedBytes: number
}

export interface PacedSenderOptions {
  readonly burstMs: number
  readonly maxRate: number
  /** Monotonic clock, ms. */
  readonly now: () => number
}

export function createPacedSender(
  send: (frame: Uint8Array) => void,
  { burstMs, maxRate, now }: PacedSenderOptions,
): PacedSender {
  let queue: Uint8Array[] = []
  let head = 0
  let queuedBytes = 0
  const bucket = createTokenBucket(now(), { burst: burstMs, perMs: maxRate })
  let timer: NodeJS.Timeout | undefined
  let onDrained: (() => void)[] = []

  function admit(frame: Uint8Array): boolean {
    return bucket.take(frame.byteLength / BYTES_PER_MS, now())
  }

  function pump(): void {
    timer = undefined
    for (let frame = queue[head]; frame; frame = queue[head]) {
      if (!admit(frame)) {
        timer = setTimeout(pump, Math.max(1, frame.byteLength / BYTES_PER_MS / maxRate))
        return
      }
      head += 1
      queuedBytes -= frame.byteLength
      send(frame)
    }
    queue = []
    head = 0
    settle()
  }

  function settle(): void {
    const waiting = onDrained
    onDrained = []
    waiting.forEach((resolve) => resolve())
  }

  return {
    push(frame) {
      if (queuedBytes === 0 && admit(frame)) return send(frame)
      queue.push(frame)
      queuedBytes += frame.byteLength
      timer ??= setTimeout(pump, 1)
    },
    async drained() {
      if (queuedBytes === 0) return
      await new Promise<void>((resolve) => onDrained.push(resolve))
    },
    stop() {
      clearTimeout(timer)
      queue = []
      head = 0
      queuedBytes = 0
      settle()
    },
    get queuedBytes() {
      return queuedBytes
    },
  }
}
