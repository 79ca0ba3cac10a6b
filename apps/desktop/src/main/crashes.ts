import type { App, BrowserWindow } from 'electron'
import { dialog } from 'electron'
import type { Log } from './logs.ts'

const RELOADS_MAX = 3
const RELOADS_WINDOW_MS = 60_000

/** Writes down what went wrong in this process; captions go on. */
export function watchProcess(app: App, log: Log): void {
  process.on('uncaughtException', (error) => log('error', `Uncaught: ${describe(error)}`))
  process.on('unhandledRejection', (reason) => log('error', `Unhandled: ${describe(reason)}`))
  app.on('child-process-gone', (_event, { type, name, reason, exitCode }) => {
    // Our own children are ended by force, and their owners tell what matters of it.
    if (reason === 'clean-exit' || reason === 'killed') return
    log('warning', `The process ${name ?? type} is gone: ${reason} (${exitCode}).`)
  })
}

/** Brings a page back whose process crashed; where it keeps crashing, the user decides. */
export function watchPage(window: BrowserWindow, log: Log): void {
  let crashes: number[] = []
  const { webContents } = window
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    log('error', `The window's page is gone: ${reason} (${exitCode}).`)
    const now = performance.now()
    crashes = [...crashes.filter((at) => now - at < RELOADS_WINDOW_MS), now]
    webContents.once('did-finish-load', () => log('info', "The window's page is back."))
    // Not at once: within this event Chromium takes no notice of it.
    if (crashes.length <= RELOADS_MAX) return void setImmediate(() => webContents.reload())
    const message = 'The window keeps crashing. Captions go on without it.'
    const options = { type: 'error', message, buttons: ['Open it again', 'Quit'] } as const
    void dialog
      .showMessageBox({ ...options, buttons: [...options.buttons] })
      .then(({ response }) => {
        if (response === 0) webContents.reload()
        else window.close()
      })
  })
  webContents.on('did-fail-load', (_event, code, description) => {
    log('error', `The window's page does not load: ${description} (${code}).`)
  })
  webContents.on('preload-error', (_event, _path, error) => {
    log('error', `The window's preload script failed: ${describe(error)}`)
  })
  window.on('unresponsive', () => log('warning', 'The window does not respond.'))
}

/** @returns to be called when the page does not answer any more: it is begun anew, captions go on */
export function reviveHungPage({ webContents }: BrowserWindow, log: Log): () => void {
  return () => {
    // Whoever halts the page in the debugger wants it to stand still.
    if (webContents.isDestroyed() || webContents.isDevToolsOpened()) return
    log('error', "The window's page hangs; it is begun anew.")
    // Its end is a crash to watchPage(), which brings it back. A reload alone would wait for it.
    webContents.forcefullyCrashRenderer()
  }
}

/** With the place, without which a message is of little use. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
