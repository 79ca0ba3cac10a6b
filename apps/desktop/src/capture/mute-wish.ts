import { bytesToMs } from '@saywire/speech'
import type { CaptureChild } from './capture-child.ts'
import type { CaptureMessage } from './capture-messages.ts'

/** A capture process that has not stopped by then is killed. */
const DEADLINE_MS = 100
/** One that has not gone on by then, too; sooner, what is said meanwhile would be lost with it. */
const UNMUTE_DEADLINE_MS = 3000

/** What the user wants, and whether the capture process does it. */
export interface MuteWish {
  readonly muted: boolean
  set(muted: boolean): void
  /** Resolves when no process sends audio against the wish, which takes 100 ms at most. */
  confirmed(): Promise<void>
  /** A process that was started with `muted` as it is now. */
  attach(child: CaptureChild): void
  /** @returns whether it was killed for not doing as it was told */
  detach(): boolean
  /** What may be acted on: audio that is against the wish becomes the time that it took. */
  admit(message: CaptureMessage): CaptureMessage
}

/**
 * Mute, from the moment of the wish: audio on its way is dropped here until the capture process
 * confirms that it drops it at the source. One that does not confirm in time is killed, and the
 * next one starts muted.
 */
export function createMuteWish(initially: boolean): MuteWish {
  let muted = initially
  let child: CaptureChild | undefined
  /** The child has sent audio or its length: it can, so it must be able to stop. */
  let flowing = false
  let killed = false
  let seq = 0
  let confirmedSeq = 0
  let deadline: NodeJS.Timeout | undefined
  let waiting: (() => void)[] = []

  function confirm(upTo: number): void {
    confirmedSeq = upTo
    if (confirmedSeq !== seq) return
    clearTimeout(deadline)
    for (const resolve of waiting.splice(0)) resolve()
  }

  function kill(): void {
    killed = true
    child?.kill()
  }

  return {
    get muted() {
      return muted
    },
    set(wanted) {
      if (wanted === muted) return
      muted = wanted
      seq += 1
      if (!child) return confirm(seq)
      child.post({ do: 'mute', muted, seq })
      clearTimeout(deadline)
      if (flowing) deadline = setTimeout(kill, muted ? DEADLINE_MS : UNMUTE_DEADLINE_MS)
    },
    async confirmed() {
      if (confirmedSeq !== seq) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    attach(next) {
      child = next
      flowing = false
      killed = false
      confirm(seq)
    },
    detach() {
      child = undefined
      confirm(seq)
      return killed
    },
    admit(message) {
      if (message.type === 'mute') confirm(message.seq)
      if (message.type === 'muted') flowing = true
      if (message.type !== 'audio') return message
      flowing = true
      if (!muted && confirmedSeq === seq) return message
      return { type: 'muted', durationMs: bytesToMs(message.pcm.byteLength) }
    },
  }
}
