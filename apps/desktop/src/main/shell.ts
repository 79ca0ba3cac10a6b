import { join } from 'node:path'
import type { BrowserWindow } from 'electron'
import { app, clipboard, dialog, nativeTheme, shell } from 'electron'
import { HostError } from '../api/host-error.ts'
import type { ShellPort } from '../host/shell-port.ts'
import type { Hotkeys } from './hotkeys/hotkeys.ts'
import type { Updater } from './updater.ts'

export interface ShellDeps {
  readonly window: () => BrowserWindow | undefined
  readonly hotkeys: Hotkeys
  readonly updater: Updater
}

/** What the host needs of a desktop, by Electron. */
export function createShell({ window, hotkeys, updater }: ShellDeps): ShellPort {
  /** Dialogs belong to the window, where there is one. */
  const save = (options: Electron.SaveDialogOptions) => {
    const parent = window()
    return parent ? dialog.showSaveDialog(parent, options) : dialog.showSaveDialog(options)
  }
  const open = async (options: Electron.OpenDialogOptions) => {
    const parent = window()
    const shown = parent ? dialog.showOpenDialog(parent, options) : dialog.showOpenDialog(options)
    return (await shown).filePaths[0]
  }
  return {
    async openExternal(url) {
      const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
      // Other schemes start other programs.
      if (!isWeb) throw new HostError('not_possible', 'Only web addresses are opened: check it.')
      await shell.openExternal(url)
    },
    showInFolder: (path) => shell.showItemInFolder(path),
    copyText: (text) => void clipboard.writeText(text),
    async chooseSaveFile({ title, defaultName }) {
      const defaultPath = join(app.getPath('documents'), defaultName)
      return (await save({ title, defaultPath })).filePath || undefined
    },
    chooseOpenFile: ({ title, extensions }) =>
      open({
        title,
        properties: ['openFile'],
        filters: [{ name: title, extensions: [...extensions] }],
      }),
    chooseFolder: ({ title, defaultPath }) =>
      open({
        title,
        properties: ['openDirectory', 'createDirectory'],
        ...(defaultPath !== undefined && { defaultPath }),
      }),
    trash: (path) => shell.trashItem(path),
    setHotkeys: hotkeys.set,
    onUpdate: updater.onUpdate,
    installUpdate: updater.install,
    setTheme: (theme) => void (nativeTheme.themeSource = theme),
  }
}
