import { BrowserWindow, screen } from 'electron'
import { APP_PAGE } from './app-protocol.ts'
import { isReachable, readBounds, rememberBounds } from './window-bounds.ts'

const SIZE = { width: 900, height: 640 }
const MIN_SIZE = { minWidth: 480, minHeight: 520 }

export interface WindowOptions {
  readonly preload: string
  readonly icon: string
  /** Where its place is remembered. */
  readonly boundsFile: string
}

/** Shown when its page is painted, so that nobody sees it empty. */
export function createWindow({ preload, icon, boundsFile }: WindowOptions): BrowserWindow {
  const saved = readBounds(boundsFile)
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  const { isMaximized, ...bounds } =
    saved && isReachable(saved, screens) ? saved : { ...SIZE, isMaximized: false }
  const window = new BrowserWindow({
    ...bounds,
    ...MIN_SIZE,
    title: 'Saywire',
    icon,
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      // Captions and levels keep their pace behind a game.
      backgroundThrottling: false,
    },
  })
  if (isMaximized) window.maximize()
  rememberBounds(window, boundsFile)
  window.once('ready-to-show', () => window.show())
  // Rejects where a reload overtakes it; a page that cannot load is told of by did-fail-load.
  window.loadURL(APP_PAGE).catch(() => undefined)
  return window
}

/** From the tray, from behind, from the dock. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
