import type { AudioLevel, MicrophoneChannel } from './capture-messages.ts'
import { watchCapture } from './capture-watchdog.ts'
import type { DeviceHolds } from './device-holds.ts'
import { createDeviceHolds } from './device-holds.ts'

export interface MicrophoneMeterDeps {
  /** By its name; the system's default where undefined. */
  readonly device: string | undefined
  readonly channel: MicrophoneChannel
  readonly onLevel: (level: AudioLevel) => void
  /** One sentence for the user; undefined as soon as there are levels again. */
  readonly onProblem: (sentence: string | undefined) => void
  /** Shared by all that record. Default: its own, with children of this process. */
  readonly holds?: DeviceHolds
  /** Wait before another try; doubled for each that gives no level, to ten seconds. Default 1,000 ms. */
  readonly retryDelayMs?: number
}

const START_TIMEOUT_MS = 10_000
const STALL_TIMEOUT_MS = 3000
const LONGEST_RETRY_DELAY_MS = 10_000

/**
 * Shows how loud a microphone is where nothing is captioned: about 20 levels a second, and no audio
 * ever leaves the process that listens. It tries again until it is closed. While a session captures
 * use its own levels: some systems open a device only once.
 */
export function createMicrophoneMeter(deps: MicrophoneMeterDeps): { close(): void } {
  const { device, channel, holds = createDeviceHolds(), retryDelayMs = 1000 } = deps
  const closed = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let failures = 0

  async function listen(): Promise<void> {
    await holds.freed(device)
    if (closed.signal.aborted) return
    const child = holds.start({ do: 'meter', device, channel })
    let isFirst = true
    const failure = await watchCapture(
      {
        child,
        startTimeoutMs: START_TIMEOUT_MS,
        stallTimeoutMs: STALL_TIMEOUT_MS,
        onMessage(message) {
          if (message.type !== 'level') return
          if (isFirst) deps.onProblem(undefined)
          isFirst = false
          failures = 0
          deps.onLevel({ rmsDbfs: message.rmsDbfs, peakDbfs: message.peakDbfs })
        },
      },
      closed.signal,
    )
    child.stop()
    if (!failure) return
    deps.onProblem(failure.error.message)
    const delayMs = Math.min(LONGEST_RETRY_DELAY_MS, retryDelayMs * 2 ** failures)
    failures += 1
    timer = setTimeout(() => void listen(), delayMs)
  }

  void listen()
  return {
    close() {
      closed.abort()
      clearTimeout(timer)
    },
  }
}
