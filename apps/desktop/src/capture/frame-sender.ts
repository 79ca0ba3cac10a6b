import { bytesToMs } from '@saywire/speech'
import type { CaptureMessage } from './capture-messages.ts'

/** Frames that were handed to the system and have not left; they cannot be taken back. */
const MAX_IN_FLIGHT = 2
/** Frames that wait for an owner that does not read; what comes on top is dropped. */
const MAX_WAITING = 250

export interface FrameSender {
  send(pcm: Uint8Array): void
  /** Drops what has not left yet. @returns its length, also of what was lost before */
  takeBack(): number
  /** Audio that has left since the start. */
  readonly sentBytes: number
}

/**
 * Sends frames without waiting. Hardly any of them lies where it cannot be taken back, and the
 * queue to an owner that does not read is bounded.
 * @param post calls `sent` when the message has left
 */
export function createFrameSender(
  post: (message: CaptureMessage, sent?: () => void) => void,
): FrameSender {
  /** Frames, and bytes that were dropped between them. */
  let waiting: (Uint8Array | number)[] = []
  let lostBytes = 0
  let inFlight = 0
  let sentBytes = 0

  function pump(): void {
    while (inFlight < MAX_IN_FLIGHT) {
      const next = waiting.shift()
      if (next === undefined) return
      if (typeof next === 'number') post({ type: 'gap', durationMs: bytesToMs(next) })
      else {
        inFlight += 1
        sentBytes += next.byteLength
        post({ type: 'audio', pcm: next }, () => {
          inFlight -= 1
          pump()
        })
      }
    }
  }

  return {
    get sentBytes() {
      return sentBytes
    },
    send(pcm) {
      if (waiting.length >= MAX_WAITING) {
        lostBytes += pcm.byteLength
        return
      }
      if (lostBytes > 0) waiting.push(lostBytes)
      lostBytes = 0
      waiting.push(pcm)
      pump()
    },
    takeBack() {
      const bytes = waiting.reduce<number>((sum, next) => sum + lengthOf(next), lostBytes)
      waiting = []
      lostBytes = 0
      return bytes
    },
  }
}

function lengthOf(next: Uint8Array | number): number {
  return typeof next === 'number' ? next : next.byteLength
}
