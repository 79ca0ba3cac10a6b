import type { AudioListener, AudioSource } from '../core/ports.ts'
import type { CaptureChild, StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { AudioLevel, CaptureDevice, CaptureMessage } from './capture-messages.ts'
import type { MicrophoneChannel } from './capture-messages.ts'
import type { CaptureFailure } from './capture-watchdog.ts'
import { watchCapture } from './capture-watchdog.ts'
import type { Choice } from './device-chooser.ts'
import { createDeviceChooser } from './device-chooser.ts'
import type { DeviceWatcher } from './device-watcher.ts'
import type { SwitchCause } from './microphone-notices.ts'
import { noticeOfNone, noticeOfSwitch } from './microphone-notices.ts'
import { createMuteWish } from './mute-wish.ts'
import type { Timeline } from './timeline.ts'
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
  /** How a capture process is started. Default: a child of this process. */
  readonly start?: StartCaptureChild
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

/** How the capture of one device ended. */
type CaptureEnd =
  | { readonly kind: 'aborted' }
  | { readonly kind: 'left'; readonly cause: SwitchCause }
  | { readonly kind: 'failed'; readonly failure: CaptureFailure; readonly wasHeard: boolean }

/**
 * Captures the first microphone in the user's order that is there, and moves on and back as they
 * come and go. `run` fails only where capture cannot work at all; without a microphone it waits.
 */
export function createOrderedMicrophone(deps: OrderedMicrophoneDeps): OrderedMicrophone {
  const { watcher, start = forkCaptureChild, now = () => performance.now() } = deps
  const { startTimeoutMs = 10_000, stallTimeoutMs = 3000 } = deps
  const mute = createMuteWish(deps.muted ?? false)
  const chooser = createDeviceChooser()
  const levelListeners = new Set<(level: AudioLevel) => void>()
  let { preferences } = deps
  let child: CaptureChild | undefined
  let current: { readonly device: CaptureDevice; audibleUntilMs: number } | undefined
  let reconsider = (): void => undefined
  let alarm: NodeJS.Timeout | undefined
  /** A device can be opened again when the process before has let go of it. */
  let letGo: { readonly name: string; readonly exited: Promise<void> } | undefined

  function setAlarm(inMs: number | undefined): void {
    clearTimeout(alarm)
    if (inMs !== undefined) alarm = setTimeout(() => reconsider(), inMs)
  }

  const isListed = (name: string) => watcher.devices.some((device) => device.name === name)

  function choose(): Choice {
    const nowMs = now()
    const devices = [...watcher.devices]
    let checkInMs: number | undefined
    if (current && !isListed(current.device.name) && current.audibleUntilMs > nowMs) {
      devices.unshift(current.device)
      checkInMs = current.audibleUntilMs - nowMs
    }
    chooser.update(devices, nowMs)
    const choice = chooser.choose(preferences.order, current?.device.name, nowMs)
    return { ...choice, againInMs: earlier(choice.againInMs, checkInMs) }
  }

  /** Captures one device until it fails or another is to be captured. */
  async function capture(
    device: CaptureDevice,
    timeline: Timeline,
    onOpened: () => void,
    signal: AbortSignal,
  ): Promise<CaptureEnd> {
    if (letGo?.name === device.name) await letGo.exited
    const chosenBy = preferences
    const { channel } = chosenBy
    const level = levelListeners.size > 0
    const task = { do: 'capture', device: device.name, channel, muted: mute.muted, level } as const
    const running = start(task)
    letGo = {
      name: device.name,
      exited: new Promise((resolve) => running.onExit(() => resolve())),
    }
    child = running
    current = { device, audibleUntilMs: now() + OPENING_MS }
    mute.attach(running)
    let wasHeard = false
    const heard = () => {
      wasHeard = true
      current = { device, audibleUntilMs: now() + AUDIBLE_MS }
    }
    const onMessage = (told: CaptureMessage): void => {
      const message = mute.admit(told)
      if (message.type === 'audio' || message.type === 'muted') heard()
      if (message.type === 'audio') timeline.audio(message.pcm)
      if (message.type === 'muted') timeline.missing(message.durationMs, 'muted')
      if (message.type === 'gap') timeline.missing(message.durationMs, 'lost')
      if (message.type === 'opened') onOpened()
      if (message.type === 'level') for (const listener of levelListeners) listener(message)
    }

    let left: SwitchCause | undefined
    const leave = new AbortController()
    reconsider = () => {
      const choice = choose()
      if (choice.device?.name === device.name && preferences.channel === channel) {
        return setAlarm(choice.againInMs)
      }
      if (!isListed(device.name)) left = 'unplugged'
      else left = preferences === chosenBy ? 'better' : 'chosen'
      leave.abort()
    }
    reconsider()
    const watchdog = { child: running, startTimeoutMs, stallTimeoutMs, onMessage }
    const failure = await watchCapture(
      { ...watchdog, onQuiet: () => watcher.hint() },
      AbortSignal.any([signal, leave.signal]),
    )
    reconsider = () => undefined
    setAlarm(undefined)
    mute.detach()
    child = undefined
    current = undefined
    running.stop()
    if (failure) return { kind: 'failed', failure, wasHeard }
    return left && !signal.aborted ? { kind: 'left', cause: left } : { kind: 'aborted' }
  }

  async function wait(forMs: number | undefined, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      reconsider = resolve
      setAlarm(forMs)
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
    })
    setAlarm(undefined)
  }

  async function run(listener: AudioListener, signal: AbortSignal): Promise<void> {
    const timeline = createTimeline(listener, now)
    const captured = new Set<string>()
    let last: string | undefined
    let cause: SwitchCause = 'started'
    let isWithout = false

    function opened(to: string): void {
      const wanted = preferences.order[0]
      const change = { cause, from: last, to, wanted, isBack: captured.has(to) }
      if (isWithout || to !== last) {
        const notice = noticeOfSwitch(change)
        if (notice) listener.onNotice(notice)
        listener.onDevice?.(to)
      }
      captured.add(to)
      last = to
      isWithout = false
    }

    /** Why the next device will be captured, or this one again. */
    async function causeOf(end: CaptureEnd, name: string): Promise<SwitchCause> {
      if (end.kind === 'left') return end.cause
      if (end.kind === 'aborted') return cause
      const { error, reported } = end.failure
      if (error.code === 'capture_unavailable') throw error
      await watcher.refresh()
      if (!isListed(name)) return 'unplugged'
      const setback = reported && !end.wasHeard ? 'unopenable' : 'stopped'
      const restMs = chooser.setback(name, setback, now())
      if (restMs <= SHORT_WAIT_MS) {
        listener.onNotice(`The microphone ${name} stopped; starting it again.`)
      }
      return setback
    }

    await watcher.refresh()
    while (!signal.aborted) {
      const { device, againInMs } = choose()
      if (!device) {
        if (watcher.problem && !timeline.begun) throw watcher.problem
        const isShort = againInMs !== undefined && againInMs <= SHORT_WAIT_MS
        if (!isWithout && !isShort) {
          isWithout = true
          listener.onNotice(noticeOfNone(last, cause))
          listener.onDevice?.(undefined)
        }
        await wait(againInMs, signal)
        continue
      }
      timeline.interrupt(device.name === last ? 'lost' : 'switched')
      const end = await capture(device, timeline, () => opened(device.name), signal)
      cause = await causeOf(end, device.name)
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
    setMuted: (muted) => mute.set(muted),
    muteConfirmed: () => mute.confirmed(),
    setPreferences(next) {
      preferences = next
      reconsider()
    },
    watchLevel(listener) {
      levelListeners.add(listener)
      child?.post({ do: 'level', on: true })
      return () => {
        levelListeners.delete(listener)
        if (levelListeners.size === 0) child?.post({ do: 'level', on: false })
      }
    },
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  const soonest = Math.min(a ?? Infinity, b ?? Infinity)
  return soonest === Infinity ? undefined : soonest
}
