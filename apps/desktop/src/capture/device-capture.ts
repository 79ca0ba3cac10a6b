import type { CaptureMessage, MicrophoneChannel } from './capture-messages.ts'
import type { CaptureFailure } from './capture-watchdog.ts'
import { watchCapture } from './capture-watchdog.ts'
import type { DeviceHolds } from './device-holds.ts'
import type { LevelWish } from './level-wish.ts'
import type { MuteWish } from './mute-wish.ts'
import type { Timeline } from './timeline.ts'

export interface DeviceCaptureDeps {
  readonly holds: DeviceHolds
  readonly mute: MuteWish
  readonly levels: LevelWish
  readonly startTimeoutMs: number
  readonly stallTimeoutMs: number
  /** No audio came for a moment: the device may be gone. */
  readonly onQuiet: () => void
}

export interface DeviceCapture {
  readonly name: string
  readonly channel: MicrophoneChannel
  readonly timeline: Timeline
  readonly onOpened: () => void
  /** Called with each audio, also while it is muted. */
  readonly onHeard: () => void
}

export interface DeviceFailure extends CaptureFailure {
  readonly wasHeard: boolean
  /** For not muting in time; nothing is wrong with the device. */
  readonly wasKilled: boolean
}

/** Captures one device until it fails; undefined when the signal comes first. */
export type CaptureOneDevice = (
  capture: DeviceCapture,
  signal: AbortSignal,
) => Promise<DeviceFailure | undefined>

/** Captures devices one after the other, each in a process of its own. */
export function createDeviceCapture(deps: DeviceCaptureDeps): CaptureOneDevice {
  const { holds, mute, levels, startTimeoutMs, stallTimeoutMs, onQuiet } = deps
  return async ({ name, channel, timeline, onOpened, onHeard }, signal) => {
    await holds.freed(name)
    if (signal.aborted) return undefined
    const { muted } = mute
    const level = levels.wanted
    const child = holds.start({ do: 'capture', device: name, channel, muted, level })
    mute.attach(child)
    levels.attach(child)
    let wasHeard = false

    function onMessage(told: CaptureMessage): void {
      const message = mute.admit(told)
      if (message.type === 'audio' || message.type === 'muted') {
        wasHeard = true
        onHeard()
      }
      if (message.type === 'audio') timeline.audio(message.pcm)
      if (message.type === 'muted') timeline.missing(message.durationMs, 'muted')
      if (message.type === 'gap') timeline.missing(message.durationMs, 'lost')
      if (message.type === 'opened') onOpened()
      if (message.type === 'level') levels.tell(message)
    }

    const watchdog = { child, startTimeoutMs, stallTimeoutMs, onQuiet, onMessage }
    const failure = await watchCapture(watchdog, signal)
    const wasKilled = mute.detach()
    levels.attach(undefined)
    child.stop()
    return failure && { ...failure, wasHeard, wasKilled }
  }
}
