import type { AudioListener, AudioSource } from '../core/ports.ts'
import type { AudioLevel, CaptureDevice, MicrophoneChannel } from './capture-messages.ts'
import { createDeviceCapture } from './device-capture.ts'
import type { Choice } from './device-chooser.ts'
import { createDeviceChooser } from './device-chooser.ts'
import type { DeviceHolds } from './device-holds.ts'
import { createDeviceHolds } from './device-holds.ts'
import type { DeviceWatcher } from './device-watcher.ts'
import { createLevelWish } from './level-wish.ts'
import type { SwitchCause } from './microphone-notices.ts'
import { noticeOfNone, noticeOfSwitch } from './microphone-notices.ts'
import { createMuteWish } from './mute-wish.ts'
import { createTimeline } from './timeline.ts'

export interface MicrophonePreferences {
  /** Device names, the best first; empty follows the system's default. */
  readonly order: readonly string[]
  readonly channel: MicrophoneChannel
}

export interface OrderedMicrophoneDeps {
  readonly watcher: DeviceWatcher
  readonly preferences: MicrophonePreferences
  /** Default: not muted. */
  readonly muted?: boolean
  /** Shared by all that record. Default: its own, with children of this process. */
  readonly holds?: DeviceHolds
  /** Monotonic clock, ms. */
  readonly now?: () => number
  /** Longest wait for the first audio of a capture process. Default 10,000 ms. */
  readonly startTimeoutMs?: number
  /** Longest wait for the next audio after that. Default 3,000 ms. */
  readonly stallTimeoutMs?: number
}

/** A microphone that goes on with another device where one goes away. */
export interface OrderedMicrophone extends AudioSource {
  /** From the call on, no audio is passed on while muted. May be called before run(). */
  setMuted(muted: boolean): void
  /**
   * Resolves when no capture process sends audio against the last setMuted(), which takes 100 ms
   * at most: one that does not obey is killed.
   */
  muteConfirmed(): Promise<void>
  /** Takes effect at once, also while it runs. */
  setPreferences(preferences: MicrophonePreferences): void
  /** About 20 levels a second while it runs, also while muted. @returns how to end it */
  watchLevel(listener: (level: AudioLevel) => void): () => void
}

/** A device that was heard lately is there, though the list may miss it because it is in use. */
const AUDIBLE_MS = 500
/** From its opening until it is heard first. */
const OPENING_MS = 3000
/** A microphone that is started again sooner than this was never away. */
const SHORT_WAIT_MS = 1000

/**
 * Captures the first microphone in the user's order that is there, and moves on and back as they
 * come and go. `run` fails only where capture cannot work at all; without a microphone it waits.
 */
export function createOrderedMicrophone(deps: OrderedMicrophoneDeps): OrderedMicrophone {
  const { watcher, holds = createDeviceHolds(), now = () => performance.now() } = deps
  const { startTimeoutMs = 10_000, stallTimeoutMs = 3000 } = deps
  const mute = createMuteWish(deps.muted ?? false)
  const levels = createLevelWish()
  const chooser = createDeviceChooser()
  const onQuiet = () => watcher.hint()
  const captureOne = createDeviceCapture({
    holds,
    mute,
    levels,
    startTimeoutMs,
    stallTimeoutMs,
    onQuiet,
  })
  let { preferences } = deps
  let current: { readonly device: CaptureDevice; audibleUntilMs: number } | undefined
  /** Whether what is done now is still right; called when anything changes. */
  let reconsider = (): void => undefined
  let alarm: NodeJS.Timeout | undefined

  function setAlarm(inMs: number | undefined): void {
    clearTimeout(alarm)
    if (inMs !== undefined) alarm = setTimeout(() => reconsider(), inMs)
  }

  const isListed = (name: string) => watcher.devices.some((device) => device.name === name)

  function choose(): Choice {
    const nowMs = now()
    const devices = [...watcher.devices]
    let silentInMs = Infinity
    if (current && !isListed(current.device.name) && current.audibleUntilMs > nowMs) {
      devices.unshift(current.device)
      silentInMs = current.audibleUntilMs - nowMs
    }
    chooser.update(devices, nowMs)
    const choice = chooser.choose(preferences.order, current?.device.name, nowMs)
    const againInMs = Math.min(choice.againInMs ?? Infinity, silentInMs)
    return { ...choice, againInMs: againInMs === Infinity ? undefined : againInMs }
  }

  async function run(listener: AudioListener, signal: AbortSignal): Promise<void> {
    const timeline = createTimeline(listener, now)
    const captured = new Set<string>()
    let last: string | undefined
    /** It was to be captured before, whether or not it could be. */
    let tried: string | undefined
    /** Why the next device will be captured, or this one again. */
    let cause: SwitchCause = 'started'
    let isWithout = false
    let onStop = (): void => undefined
    signal.addEventListener('abort', () => onStop(), { once: true })

    async function unlessStopped(work: Promise<unknown>): Promise<void> {
      if (signal.aborted) return
      const stopped = new Promise<void>((resolve) => (onStop = resolve))
      await Promise.race([work, stopped])
    }

    function opened(to: string): void {
      if (isWithout || to !== last) {
        const isBack = captured.has(to)
        const change = { cause, from: tried, to, wanted: preferences.order[0], isBack }
        const notice = noticeOfSwitch(change)
        if (notice) listener.onNotice(notice)
        listener.onDevice?.(to)
      }
      captured.add(to)
      last = to
      isWithout = false
    }

    async function waitForDevice(againInMs: number | undefined): Promise<void> {
      const isShort = againInMs !== undefined && againInMs <= SHORT_WAIT_MS
      if (!isWithout && !isShort) {
        isWithout = true
        listener.onNotice(noticeOfNone(tried, cause))
        listener.onDevice?.(undefined)
      }
      const again = new Promise<void>((resolve) => (reconsider = resolve))
      setAlarm(againInMs)
      await unlessStopped(again)
    }

    /** Until it fails or another one is to be captured. */
    async function capture(device: CaptureDevice): Promise<void> {
      const { name } = device
      const chosenBy = preferences
      const { channel } = chosenBy
      const leave = new AbortController()
      timeline.interrupt(name === last ? 'lost' : 'switched')
      current = { device, audibleUntilMs: now() + OPENING_MS }
      reconsider = () => {
        const choice = choose()
        if (choice.device?.name === name && preferences.channel === channel) {
          return setAlarm(choice.againInMs)
        }
        if (!isListed(name)) cause = 'unplugged'
        else cause = preferences === chosenBy ? 'better' : 'chosen'
        leave.abort()
      }
      reconsider()
      const onHeard = () => (current = { device, audibleUntilMs: now() + AUDIBLE_MS })
      const failure = await captureOne(
        { name, channel, timeline, onHeard, onOpened: () => opened(name) },
        AbortSignal.any([signal, leave.signal]),
      )
      current = undefined
      tried = name
      reconsider = () => undefined
      if (!failure || failure.wasKilled) return
      if (failure.error.code === 'capture_unavailable') throw failure.error
      await unlessStopped(watcher.refresh())
      cause = failure.reported && !failure.wasHeard ? 'unopenable' : 'stopped'
      if (!isListed(name)) cause = 'unplugged'
      else if (chooser.setback(name, cause, now()) <= SHORT_WAIT_MS) {
        listener.onNotice(`The microphone ${name} stopped; starting it again.`)
      }
    }

    await unlessStopped(watcher.refresh())
    while (!signal.aborted) {
      const { device, againInMs } = choose()
      if (device) await capture(device)
      else if (watcher.problem && !timeline.begun) throw watcher.problem
      else await waitForDevice(againInMs)
      setAlarm(undefined)
    }
  }

  return {
    name: 'the microphone',
    async run(listener, signal) {
      const release = watcher.attend()
      const unsubscribe = watcher.subscribe(() => reconsider())
      try {
        await run(listener, signal)
      } finally {
        setAlarm(undefined)
        unsubscribe()
        release()
      }
    },
    setMuted: mute.set,
    muteConfirmed: mute.confirmed,
    setPreferences(next) {
      preferences = next
      reconsider()
    },
    watchLevel: levels.watch,
  }
}
