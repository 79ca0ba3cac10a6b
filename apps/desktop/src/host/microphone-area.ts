import type { LevelView, MicrophoneView } from '../api/desktop-state.ts'
import type { Watchable } from '../api/newest-value.ts'
import type { StartCaptureChild } from '../capture/capture-child.ts'
import { createDeviceHolds } from '../capture/device-holds.ts'
import { createDeviceWatcher } from '../capture/device-watcher.ts'
import type { OrderedMicrophone } from '../capture/ordered-microphone.ts'
import { createOrderedMicrophone } from '../capture/ordered-microphone.ts'
import type { AudioSource } from '../core/ports.ts'
import type { Settings } from '../settings/settings.ts'
import { createLevelFeed } from './level-feed.ts'

export interface MicrophoneArea {
  /** How many there are; undefined until that is known. */
  count(): number | undefined
  /** What a session records; `whenOver` is to be called after it. */
  createSource(isMuted: boolean): { readonly source: AudioSource; whenOver(): void }
  /** Takes effect at once, also on a session. */
  apply(settings: Settings['microphone']): void
  readonly level: Watchable<LevelView>
  /** The system said that devices came or went. */
  hint(): void
  close(): void
}

export interface MicrophoneAreaDeps {
  readonly settings: Settings['microphone']
  readonly startCapture: StartCaptureChild | undefined
  publish(microphones: readonly MicrophoneView[]): void
  log(sentence: string): void
}

/** The microphones of this machine: which there are, how loud, and what is recorded. */
export function createMicrophoneArea(deps: MicrophoneAreaDeps): MicrophoneArea {
  const { startCapture, publish, log } = deps
  const watcher = createDeviceWatcher(startCapture && { start: startCapture })
  const holds = createDeviceHolds(startCapture)
  let { settings } = deps
  let isKnown = false
  let recorded: OrderedMicrophone | undefined

  function chosen(): string | undefined {
    const names = watcher.devices.map(({ name }) => name)
    const preferred = settings.order.find((name) => names.includes(name))
    return preferred ?? watcher.devices.find(({ isDefault }) => isDefault)?.name ?? names[0]
  }

  const level = createLevelFeed({ holds, chosen, channel: () => settings.channel })

  function show(): void {
    publish(watcher.devices.map(({ name, channels, isDefault }) => ({ name, channels, isDefault })))
    level.reconsider()
  }

  const unsubscribe = watcher.subscribe(show)
  void watcher.refresh().then(() => {
    isKnown = watcher.problem === undefined
    if (watcher.problem) log(watcher.problem.message)
    show()
  })

  return {
    count: () => (isKnown || watcher.devices.length > 0 ? watcher.devices.length : undefined),
    createSource(muted) {
      const microphone = createOrderedMicrophone({ watcher, preferences: settings, muted, holds })
      const unattend = watcher.attend()
      recorded = microphone
      level.follow(microphone)
      const whenOver = () => {
        unattend()
        recorded = undefined
        level.follow(undefined)
      }
      return { source: microphone, whenOver }
    },
    apply(next) {
      settings = next
      recorded?.setPreferences(next)
      level.reconsider()
    },
    level,
    hint: watcher.hint,
    close() {
      unsubscribe()
      level.close()
      watcher.close()
    },
  }
}
