import { BYTES_PER_MS } from '@saywire/protocol'
import type { TokenBucket } from '../token-bucket.ts'

/**
 * Sends frames as fast as a token bucket allows, whose unit is ms of audio. Live audio passes straight
 * through; a file or a replay is slowed to what the server accepts. The queue is bounded by its
 * owner through `queuedBytes`.
 */
export interface PacedSender {
  push(frame: Uint8Array): void
  /**
   * Calls back when everything pushed so far has been sent, and before anything that is pushed
   * later; or when the sender is stopped.
   */
  afterThis(act: () => void): void
  /** Drops what is queued. */
  stop(): void
  /** So much of what was sent is known to have arrived, ms. */
  arrived(audioMs: number): void
  readonly queuedBytes: number
}

export interface PacedSenderOptions {
  readonly bucket: TokenBucket
  /** Most audio that may be under way, ms; see `arrived`. */
  readonly underWayMaxMs: number
  /** Monotonic clock, ms. */
  readonly now: () => number
}

/** A frame that may not pass is tried again then: half its length. */
const RETRY_MS = 20

export function createPacedSender(
  send: (frame: Uint8Array) => void,
  { bucket, underWayMaxMs, now }: PacedSenderOptions,
): PacedSender {
  let queue: Uint8Array[] = []
  let head = 0
  let queuedBytes = 0
  let sentMs = 0
  let arrivedMs = 0
  let timer: NodeJS.Timeout | undefined
  /** Frames so far. */
  let pushed = 0
  let passed = 0
  let waiting: { readonly pushed: number; readonly act: () => void }[] = []

  function pass(frame: Uint8Array): void {
    passed += 1
    send(frame)
    settle()
  }

  function admit(frame: Uint8Array): boolean {
    const frameMs = frame.byteLength / BYTES_PER_MS
    // A network that stalls delivers all of it at once, which must not be more than the burst.
    if (sentMs + frameMs - arrivedMs > underWayMaxMs) return false
    if (!bucket.take(frameMs, now())) return false
    sentMs += frameMs
    return true
  }

  function pump(): void {
    timer = undefined
    for (let frame = queue[head]; frame; frame = queue[head]) {
      if (!admit(frame)) {
        timer = setTimeout(pump, RETRY_MS)
        return
      }
      head += 1
      queuedBytes -= frame.byteLength
      pass(frame)
    }
    queue = []
    head = 0
  }

  function settle(): void {
    while (waiting[0] && waiting[0].pushed <= passed) waiting.shift()?.act()
  }

  return {
    push(frame) {
      pushed += 1
      if (queuedBytes === 0 && admit(frame)) return pass(frame)
      queue.push(frame)
      queuedBytes += frame.byteLength
      timer ??= setTimeout(pump, 1)
    },
    afterThis(act) {
      waiting.push({ pushed, act })
      settle()
    },
    stop() {
      clearTimeout(timer)
      queue = []
      head = 0
      queuedBytes = 0
      passed = pushed
      settle()
    },
    arrived(audioMs) {
      arrivedMs = Math.max(arrivedMs, audioMs)
    },
    get queuedBytes() {
      return queuedBytes
    },
  }
}
