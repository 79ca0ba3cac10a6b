import type { App, Session, WebContents } from 'electron'
import { APP_ORIGIN } from './app-protocol.ts'

/** Keeps every page of the app where it is: no navigation, windows, webviews or permissions. */
export function guardWebContents(app: App): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    const refuseElsewhere = (event: { preventDefault(): void; readonly url: string }) => {
      if (!isAppUrl(event.url)) event.preventDefault()
    }
    // Of the page itself and of frames within it.
    contents.on('will-frame-navigate', refuseElsewhere)
    contents.on('will-redirect', refuseElsewhere)
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

/** The microphone is recorded by another process: the page needs no permission at all. */
export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('select-hid-device', (event) => event.preventDefault())
  session.on('will-download', (event) => event.preventDefault())
}

export function isAppUrl(url: string): boolean {
  return url.startsWith(`${APP_ORIGIN}/`)
}
