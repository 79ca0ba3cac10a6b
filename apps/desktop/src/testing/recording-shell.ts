import type { HotkeyAction } from '../settings/settings.ts'
import type { HotkeyOutcome, ShellPort } from '../host/shell-port.ts'

export interface RecordingShell extends ShellPort {
  /** Every call so far: its name and what it was given. */
  readonly calls: readonly (readonly [name: keyof ShellPort, ...args: unknown[]])[]
  /** What the next file dialogs answer; undefined (the user changed their mind) when empty. */
  readonly answers: (string | undefined)[]
  /** What becomes of hotkeys; `active` where nothing is said. */
  readonly outcomes: Partial<Record<HotkeyAction, HotkeyOutcome>>
  /** Presses and releases a hotkey, as a desktop would. */
  press(action: HotkeyAction, edge?: 'pressed' | 'released'): void
}

/** A desktop shell without a desktop: writes down what it is asked for. */
export function createRecordingShell(): RecordingShell {
  const calls: [keyof ShellPort, ...unknown[]][] = []
  const answers: (string | undefined)[] = []
  const outcomes: RecordingShell['outcomes'] = {}
  let onHotkey: Parameters<ShellPort['setHotkeys']>[1] = () => undefined

  const note =
    (name: keyof ShellPort) =>
    (...args: unknown[]): void =>
      void calls.push([name, ...args])
  const ask =
    (name: keyof ShellPort) =>
    async (...args: unknown[]): Promise<string | undefined> => {
      calls.push([name, ...args])
      return answers.shift()
    }

  return {
    calls,
    answers,
    outcomes,
    press: (action, edge = 'pressed') => onHotkey(action, edge),
    openExternal: async (url) => note('openExternal')(url),
    showInFolder: note('showInFolder'),
    copyText: note('copyText'),
    chooseSaveFile: ask('chooseSaveFile'),
    chooseOpenFile: ask('chooseOpenFile'),
    chooseFolder: ask('chooseFolder'),
    trash: async (path) => note('trash')(path),
    async setHotkeys(hotkeys, listener) {
      calls.push(['setHotkeys', hotkeys])
      onHotkey = listener
      const entries = Object.entries(hotkeys) as [HotkeyAction, string][]
      return Object.fromEntries(
        entries.map(([action, keys]) => [
          action,
          keys === '' ? 'none' : (outcomes[action] ?? 'active'),
        ]),
      ) as Record<HotkeyAction, HotkeyOutcome>
    },
    onUpdate: (listener) => listener({ status: 'off', version: undefined }),
    installUpdate: note('installUpdate'),
    setTheme: note('setTheme'),
  }
}
