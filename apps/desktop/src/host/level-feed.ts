import type { LevelView } from '../api/desktop-state.ts'
import type { Watchable } from '../api/newest-value.ts'
import type { DeviceHolds } from '../capture/device-holds.ts'
import { createMicrophoneMeter } from '../capture/microphone-meter.ts'
import type { OrderedMicrophone } from '../capture/ordered-microphone.ts'
import type { Settings } from '../settings/settings.ts'

type Channel = Settings['microphone']['channel']

const SILENT: LevelView = { rmsDbfs: -100, peakDbfs: -100 }

export interface LevelFeedDeps {
  readonly holds: DeviceHolds
  /** The microphone that a session would record; undefined where there is none. */
  chosen(): string | undefined
  channel(): Channel
}

export interface LevelFeed extends Watchable<LevelView> {
  /** A session records, and meters besides; undefined: none does any more. */
  follow(microphone: OrderedMicrophone | undefined): void
  /** Another microphone may be chosen now. */
  reconsider(): void
  close(): void
}

/**
 * How loud the microphone is, for as long as somebody looks. Without a session a process of its own
 * meters: no audio leaves it.
 */
export function createLevelFeed(deps: LevelFeedDeps): LevelFeed {
  const listeners = new Set<(level: LevelView) => void>()
  let microphone: OrderedMicrophone | undefined
  let meter: { readonly what: string; close(): void } | undefined
  let stopFollowing = () => {}
  let level = SILENT

  function tell(next: LevelView): void {
    level = next
    for (const listener of listeners) listener(level)
  }

  function stopMeter(): void {
    meter?.close()
    meter = undefined
  }

  function startMeter(device: string, channel: Channel, what: string): void {
    const { close } = createMicrophoneMeter({
      device,
      channel,
      holds: deps.holds,
      onLevel: tell,
      onProblem: (sentence) => sentence !== undefined && tell(SILENT),
    })
    meter = { what, close }
  }

  /** Meters in the one place that is right now, or nowhere. */
  function arrange(): void {
    stopFollowing()
    stopFollowing = () => {}
    const [device, channel] = [deps.chosen(), deps.channel()]
    const what = `${channel} of ${device}`
    if (listeners.size === 0 || microphone || what !== meter?.what) stopMeter()
    if (listeners.size === 0) return
    if (microphone) stopFollowing = microphone.watchLevel(tell)
    else if (device !== undefined && !meter) startMeter(device, channel, what)
    else if (device === undefined) tell(SILENT)
  }

  return {
    get: () => level,
    onChange(listener) {
      listeners.add(listener)
      if (listeners.size === 1) arrange()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) arrange()
      }
    },
    follow(next) {
      microphone = next
      arrange()
    },
    reconsider: arrange,
    close() {
      listeners.clear()
      microphone = undefined
      arrange()
    },
  }
}
