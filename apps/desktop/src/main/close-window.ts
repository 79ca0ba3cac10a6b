import type { BrowserWindow } from 'electron'
import { Notification } from 'electron'

export interface CloseDeps {
  readonly isQuitting: () => boolean
  /** Whether captions run and should go on without the window. */
  readonly staysInTray: () => boolean
  readonly quit: () => void
}

/** Closing the window ends the app, but not captions that viewers are reading. */
export function hideOrQuitOnClose(window: BrowserWindow, deps: CloseDeps): void {
  let wasTold = false
  window.on('close', (event) => {
    if (deps.isQuitting()) return
    event.preventDefault()
    if (!deps.staysInTray()) return deps.quit()
    window.hide()
    if (wasTold || !Notification.isSupported()) return
    wasTold = true
    new Notification({
      title: 'Captions go on',
      body: 'Open Saywire again from its tray icon, or by starting it again.',
    }).show()
  })
}
