import { setTimeout as sleep } from 'node:timers/promises'
import type { AudioSource } from '../core/ports.ts'
import type { StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { CaptureMessage } from './capture-messages.ts'
import { watchCapture } from './capture-watchdog.ts'
import { createTimeline } from './timeline.ts'

export interface MicrophoneDeps {
  /** Index, name or part of a name. Default: the system's default microphone. */
  readonly device?: string | number
  /** How the capture process is started. Default: a child of this process. */
  readonly start?: StartCaptureChild
  /** Monotonic clock, ms. */
  readonly now?: () => number
  /** Longest wait for the first audio of a capture process. Default 10,000 ms. */
  readonly startTimeoutMs?: number
  /** Longest wait for the next audio after that. Default 3,000 ms. */
  readonly stallTimeoutMs?: number
  /** Wait before the first restart; doubled for each further one of the last minute. Default 250 ms. */
  readonly restartDelayMs?: number
}

/** Restarts within `RESTART_WINDOW_MS`, or without a sound, after which the microphone counts as gone. */
const MAX_RESTARTS = 5
const RESTART_WINDOW_MS = 60_000

/**
 * One microphone, recorded in a process of its own; `ordered-microphone.ts` is the one that moves
 * on to others. When that process crashes, hangs or loses its
 * device, another one takes over, and the time that went by is reported as a gap.
 */
export function createMicrophoneSource(deps: MicrophoneDeps): AudioSource {
  const { start = forkCaptureChild, now = () => performance.now(), restartDelayMs = 250 } = deps
  const { startTimeoutMs = 10_000, stallTimeoutMs = 3000 } = deps

  return {
    name: deps.device === undefined ? 'the microphone' : `the microphone ${deps.device}`,
    async run(listener, signal) {
      const timeline = createTimeline(listener, now)
      /** Once it is known, the device's name: indices change when devices come and go. */
      let device = deps.device
      let restartsMs: number[] = []
      let heard = false
      const onMessage = (message: CaptureMessage) => {
        if (message.type === 'opened') device = message.deviceName
        if (message.type === 'audio') {
          heard = true
          timeline.audio(message.pcm)
        }
        if (message.type === 'gap') timeline.missing(message.durationMs, 'lost')
      }
      while (!signal.aborted) {
        heard = false
        const child = start({ do: 'capture', device })
        const watchdog = { child, startTimeoutMs, stallTimeoutMs, onMessage }
        const failure = await watchCapture(watchdog, signal)
        child.stop()
        if (!failure) return
        const { error, reported } = failure
        // What it never could do it will not do later; what it did it may do again, once the
        // device is plugged in.
        if (reported && (!timeline.begun || error.code === 'capture_unavailable')) throw error
        // Only sound redeems: tries that each take long must not outlast the window.
        if (heard) restartsMs = restartsMs.filter((atMs) => atMs > now() - RESTART_WINDOW_MS)
        if (restartsMs.length >= MAX_RESTARTS) throw error
        listener.onNotice('The microphone stopped; starting it again.')
        const waitMs = restartDelayMs * 2 ** restartsMs.length
        restartsMs.push(now())
        timeline.interrupt('lost')
        await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}
