import { CaptureError } from '../core/ports.ts'
import type { CaptureChild, StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { CaptureDevice } from './capture-messages.ts'
import { changesBetween, usableDevices } from './device-changes.ts'
import type { DeviceEvent } from './device-changes.ts'

export interface DeviceWatcherDeps {
  /** Default: a child of this process. */
  readonly start?: StartCaptureChild
}

/** The microphones of this machine, as they come and go. */
export interface DeviceWatcher {
  /** As far as it is known; unique by name, only what the system's main audio interface offers. */
  readonly devices: readonly CaptureDevice[]
  /** Why the devices are not known. */
  readonly problem: CaptureError | undefined
  /** Called once for each change. @returns how to end it */
  subscribe(listener: (event: DeviceEvent) => void): () => void
  /** Something outside noticed a change: looks at once. */
  hint(): void
  /** Looks at once. Resolves with what there is, or with what was known where that cannot be had. */
  refresh(): Promise<readonly CaptureDevice[]>
  /** While somebody attends, changes are noticed within 2 s whatever it costs. @returns how to end it */
  attend(): () => void
  close(): void
}

const INTERVAL_MS = 1000
const LONGEST_ATTENDED_MS = 1500
const LONGEST_INTERVAL_MS = 10_000
/** Of one core. */
const CPU_SHARE = 0.01
const ANSWER_TIMEOUT_MS = 5000
/** The driver has to be loaded first. */
const FIRST_ANSWER_TIMEOUT_MS = 15_000
const RESTART_DELAY_MS = 250
const LONGEST_RESTART_DELAY_MS = 10_000

/**
 * Asks a small process of its own again and again: PortAudio tells of no changes, opens devices to
 * look at them, and may crash. When asking costs more than 1 % of a core, it is asked less often.
 */
export function createDeviceWatcher(deps: DeviceWatcherDeps = {}): DeviceWatcher {
  const { start = forkCaptureChild } = deps
  const listeners = new Set<(event: DeviceEvent) => void>()
  let devices: readonly CaptureDevice[] = []
  let problem: CaptureError | undefined
  let child: CaptureChild | undefined
  let timer: NodeJS.Timeout | undefined
  let attending = 0
  let cpuMs = 0
  let failures = 0
  let answered = false
  let closed = false
  /** A list is under way; whoever asks meanwhile is served by the one after it. */
  let asking = false
  let served: (() => void)[] = []
  let next: (() => void)[] = []

  function schedule(delayMs: number, act: () => void): void {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(act, delayMs)
  }

  function ask(force: boolean): void {
    if (!child) return
    asking = true
    served = next.splice(0)
    child.post({ do: 'list', force })
    schedule(answered ? ANSWER_TIMEOUT_MS : FIRST_ANSWER_TIMEOUT_MS, () => restart())
  }

  function serve(): void {
    asking = false
    for (const resolve of served.splice(0)) resolve()
  }

  function intervalMs(): number {
    const longestMs = attending > 0 ? LONGEST_ATTENDED_MS : LONGEST_INTERVAL_MS
    return Math.min(longestMs, Math.max(INTERVAL_MS, cpuMs / CPU_SHARE))
  }

  function take(found: readonly CaptureDevice[]): void {
    const events = changesBetween(devices, found)
    devices = found
    for (const event of events) for (const listener of listeners) listener(event)
  }

  function launch(): void {
    if (closed) return
    answered = false
    const lister = start({ do: 'list-when-asked' })
    child = lister
    lister.onMessage((message) => {
      if (lister !== child) return
      if (message.type === 'failed') {
        problem = new CaptureError(message.code, message.sentence, message.cause)
        restart()
      }
      if (message.type !== 'devices') return
      // The first list also starts the driver.
      if (answered) cpuMs = message.cpuMs
      answered = true
      failures = 0
      problem = undefined
      take(usableDevices(message, devices))
      serve()
      if (next.length > 0) ask(true)
      else schedule(intervalMs(), () => ask(false))
    })
    lister.onExit(() => {
      if (lister === child) restart()
    })
    ask(true)
  }

  function restart(): void {
    const last = child
    child = undefined
    last?.stop()
    serve()
    for (const resolve of next.splice(0)) resolve()
    const delayMs = Math.min(LONGEST_RESTART_DELAY_MS, RESTART_DELAY_MS * 2 ** failures)
    failures += 1
    schedule(delayMs, launch)
  }

  launch()
  return {
    get devices() {
      return devices
    },
    get problem() {
      return problem
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    hint: () => void refresh(),
    refresh,
    attend() {
      attending += 1
      if (attending === 1) void refresh()
      let released = false
      return () => {
        if (!released) attending -= 1
        released = true
      }
    },
    close() {
      closed = true
      clearTimeout(timer)
      const last = child
      child = undefined
      last?.stop()
      for (const resolve of [...served.splice(0), ...next.splice(0)]) resolve()
    },
  }

  async function refresh(): Promise<readonly CaptureDevice[]> {
    if (!closed) {
      const done = new Promise<void>((resolve) => next.push(resolve))
      if (child && !asking) ask(true)
      await done
    }
    return devices
  }
}
