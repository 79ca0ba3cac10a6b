import type { LevelView } from '../api/desktop-state.ts'
import type { Watchable } from '../api/newest-value.ts'
import type { CaptureChild, StartCaptureChild } from '../capture/capture-child.ts'
import type { OrderedMicrophone } from '../capture/ordered-microphone.ts'
import type { Settings } from '../settings/settings.ts'

const SILENT: LevelView = { rmsDbfs: -100, peakDbfs: -100 }
/** A meter that ended is started again after this long. */
const RESTART_MS = 1000

export interface LevelFeedDeps {
  readonly startCapture: StartCaptureChild
  /** The microphone that a session would record; undefined where there is none. */
  chosen(): string | undefined
  channel(): Settings['microphone']['channel']
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
  let meter: { readonly device: string; readonly child: CaptureChild } | undefined
  let stopFollowing = () => {}
  let restart: NodeJS.Timeout | undefined
  let level = SILENT

  function tell(next: LevelView): void {
    level = next
    for (const listener of listeners) listener(level)
  }

  function stopMeter(): void {
    clearTimeout(restart)
    meter?.child.stop()
    meter = undefined
  }

  function startMeter(device: string): void {
    const child = deps.startCapture({ do: 'meter', device, channel: deps.channel() })
    const started = { device, child }
    meter = started
    child.onMessage((message) => {
      if (meter !== started || message.type !== 'level') return
      tell({ rmsDbfs: message.rmsDbfs, peakDbfs: message.peakDbfs })
    })
    child.onExit(() => {
      if (meter !== started) return
      meter = undefined
      tell(SILENT)
      restart = setTimeout(arrange, RESTART_MS)
    })
  }

  /** Meters in the one place that is right now, or nowhere. */
  function arrange(): void {
    stopFollowing()
    stopFollowing = () => {}
    const device = deps.chosen()
    if (listeners.size === 0 || microphone || device !== meter?.device) stopMeter()
    if (listeners.size === 0) return
    if (microphone) stopFollowing = microphone.watchLevel(tell)
    else if (device !== undefined && !meter) startMeter(device)
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
