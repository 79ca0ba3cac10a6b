import type { MenuItemConstructorOptions } from 'electron'
import { app, Menu } from 'electron'

export interface MenuActions {
  toggle(): void
  toggleMute(): void
  openLogs(): void
}

/** The app's menu: on macOS it is seen, elsewhere its keys work while the window has the focus. */
export function setAppMenu(actions: MenuActions): void {
  const isMac = process.platform === 'darwin'
  const captions: MenuItemConstructorOptions[] = [
    { label: 'Start or Stop', accelerator: 'CommandOrControl+Return', click: actions.toggle },
    { label: 'Mute or Unmute', accelerator: 'CommandOrControl+Shift+M', click: actions.toggleMute },
    ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'quit' } as const]),
  ]
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    // For people who work on Saywire; an installed app keeps its page to itself.
    ...(app.isPackaged ? [] : [{ role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
  ]
  const menu = Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&Captions', submenu: captions },
    { role: 'editMenu' },
    { label: '&View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: 'Show Logs', click: actions.openLogs }] },
  ])
  Menu.setApplicationMenu(menu)
}
