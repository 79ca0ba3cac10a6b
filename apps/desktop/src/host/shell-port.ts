import type { UpdateView } from '../api/desktop-state.ts'
import type { HotkeyAction, Settings } from '../settings/settings.ts'

/** What a desktop shell does for the host: Electron in the app, a recorder of calls in tests. */
export interface ShellPort {
  /** Opens an http(s) address in the user's browser. */
  openExternal(url: string): Promise<void>
  /** Shows a file in its folder. */
  showInFolder(path: string): void
  copyText(text: string): void
  /** Asks for a file to write; undefined where the user changed their mind. */
  chooseSaveFile(options: { title: string; defaultName: string }): Promise<string | undefined>
  /** Asks for a file to read. */
  chooseOpenFile(options: {
    title: string
    extensions: readonly string[]
  }): Promise<string | undefined>
  chooseFolder(options: { title: string; defaultPath?: string }): Promise<string | undefined>
  /** Moves to the system's bin. */
  trash(path: string): Promise<void>
  /**
   * Replaces all global hotkeys. `onHotkey` of the listeners is called with `pressed`, and for
   * pushToTalk also with `released`.
   */
  setHotkeys(
    hotkeys: Settings['hotkeys'],
    onHotkey: (action: HotkeyAction, edge: 'pressed' | 'released') => void,
  ): Promise<Readonly<Record<HotkeyAction, HotkeyOutcome>>>
  /** Called with the present state of the update, then with each change. */
  onUpdate(listener: (update: UpdateView) => void): void
  /** Ends the app and starts the new version. Where it cannot, it does nothing. */
  installUpdate?(): void
  /** Follows `app.theme`. */
  setTheme(theme: Settings['app']['theme']): void
}

/** `taken`: another program has it. `unsupported`: this desktop delivers none of its kind. */
export type HotkeyOutcome = 'none' | 'active' | 'taken' | 'unsupported'
