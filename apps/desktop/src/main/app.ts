import { join } from 'node:path'
import { app, session } from 'electron'
import { readEnv } from '../env.ts'
import { registerAppScheme, serveAppFiles } from './app-protocol.ts'
import { openRpcPort } from './rpc-port.ts'
import { guardWebContents, refusePermissions } from './window-guard.ts'
import { createWindow, showWindow } from './window.ts'

/** Where the build is; this file is in its folder `main`. */
const DIST = join(import.meta.dirname, '..')

export async function runApp(): Promise<void> {
  const env = readEnv()
  // One folder for all that Saywire keeps; it also decides which app is "the same" below.
  app.setPath('userData', join(env.dataDir, 'app'))
  if (!app.requestSingleInstanceLock()) return app.exit(0)
  registerAppScheme()
  guardWebContents(app)
  await app.whenReady()
  refusePermissions(session.defaultSession)
  serveAppFiles(join(DIST, 'renderer'))
  const window = createWindow({
    preload: join(DIST, 'preload', 'preload.cjs'),
    icon: join(DIST, 'icon.png'),
    boundsFile: join(app.getPath('userData'), 'window.json'),
  })
  openRpcPort(window.webContents, (send) => ({
    receive: (message) => send({ id: (message as { id: unknown }).id, type: 'data', data: 'pong' }),
    close: () => undefined,
  }))
  app.on('second-instance', () => showWindow(window))
}
