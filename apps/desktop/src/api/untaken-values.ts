/** Values of one subscription that may be on their way to a window that has not said it took them. */
export const UNTAKEN_MAX = 50

/** How far a window is behind with one subscription. */
export interface UntakenValues {
  /** Nothing is on its way, or something was taken since this was asked last. */
  hasMoved(): boolean
  sent(): void
  /** @param count of all values so far */
  taken(count: number): void
  /** Resolves when another value may be sent, or with the signal. */
  room(signal: AbortSignal): Promise<void>
}

/**
 * The channel to a window takes whatever it is given and keeps it in memory, also for a window that
 * hangs. So a subscription is paused instead, until the window says that it took what it was sent.
 */
export function createUntakenValues(): UntakenValues {
  let sentCount = 0
  let takenCount = 0
  let seenCount = 0
  let wake: (() => void) | undefined
  return {
    hasMoved() {
      const hasMoved = takenCount === sentCount || takenCount !== seenCount
      seenCount = takenCount
      return hasMoved
    },
    sent() {
      sentCount += 1
    },
    taken(count) {
      // Whatever it says: it cannot have taken more than there was.
      takenCount = Math.min(sentCount, Math.max(takenCount, count))
      wake?.()
    },
    async room(signal) {
      const abort = () => wake?.()
      signal.addEventListener('abort', abort)
      while (sentCount - takenCount >= UNTAKEN_MAX && !signal.aborted) {
        await new Promise<void>((resolve) => (wake = resolve))
      }
      signal.removeEventListener('abort', abort)
    },
  }
}
