import type { HotkeyOutcome, ShellPort } from '../../host/shell-port.ts'
import { HOTKEY_ACTIONS } from '../../settings/settings.ts'
import type { HotkeyAction, Settings } from '../../settings/settings.ts'
import type { KeyWatcher } from './key-watcher.ts'

type OnHotkey = Parameters<ShellPort['setHotkeys']>[1]

export interface HotkeysDeps {
  /** Electron's globalShortcut, or the part of it that is needed. */
  readonly shortcuts: {
    /** False where another program has the key. Throws for what is no key. */
    register(accelerator: string, pressed: () => void): boolean
    unregisterAll(): void
  }
  /** Undefined where this system does not let programs see a key go up. */
  readonly watchKeys: () => Promise<KeyWatcher | undefined>
}

export interface Hotkeys {
  readonly set: ShellPort['setHotkeys']
  close(): void
}

/** The system's global hotkeys. Push-to-talk also needs to see its key go up. */
export function createHotkeys({ shortcuts, watchKeys }: HotkeysDeps): Hotkeys {
  let watcher: KeyWatcher | undefined
  /** Ends what is held. */
  let release: (() => void) | undefined
  let setting: Promise<unknown> = Promise.resolve()

  function close(): void {
    release?.()
    shortcuts.unregisterAll()
    watcher?.close()
    watcher = undefined
  }

  function register(accelerator: string, pressed: () => void): HotkeyOutcome {
    if (accelerator === '') return 'none'
    try {
      return shortcuts.register(accelerator, pressed) ? 'active' : 'taken'
    } catch {
      return 'unsupported'
    }
  }

  async function registerPushToTalk(
    accelerator: string,
    onHotkey: OnHotkey,
  ): Promise<HotkeyOutcome> {
    if (accelerator === '') return 'none'
    watcher = await watchKeys()
    if (!watcher) return 'unsupported'
    const outcome = register(accelerator, () => {
      // A held key repeats.
      if (!watcher || release) return
      release = () => {
        release = undefined
        onHotkey('pushToTalk', 'released')
      }
      onHotkey('pushToTalk', 'pressed')
      const held = release
      watcher.watch(() => release === held && held())
    })
    if (outcome === 'active') return outcome
    watcher.close()
    watcher = undefined
    return outcome
  }

  async function setAll(hotkeys: Settings['hotkeys'], onHotkey: OnHotkey) {
    close()
    const outcomes: Partial<Record<HotkeyAction, HotkeyOutcome>> = {}
    for (const action of HOTKEY_ACTIONS) {
      outcomes[action] =
        action === 'pushToTalk'
          ? await registerPushToTalk(hotkeys[action], onHotkey)
          : register(hotkeys[action], () => onHotkey(action, 'pressed'))
    }
    return outcomes as Record<HotkeyAction, HotkeyOutcome>
  }

  return {
    set(hotkeys, onHotkey) {
      // One after the other, so that the last settings win.
      const result = setting.then(() => setAll(hotkeys, onHotkey))
      setting = result.catch(() => undefined)
      return result
    },
    close,
  }
}
