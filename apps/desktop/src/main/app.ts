import { join } from 'node:path'
import type { WhisperLibrary } from '@saywire/speech/whisper'
import type { BrowserWindow } from 'electron'
import { app, globalShortcut, powerMonitor, session, shell } from 'electron'
import { serveRpc } from '../api/rpc-server.ts'
import { readEnv } from '../env.ts'
import type { DesktopHost } from '../host/desktop-host.ts'
import { createDesktopHost } from '../host/desktop-host.ts'
import { registerAppScheme, serveAppFiles } from './app-protocol.ts'
import { hideOrQuitOnClose } from './close-window.ts'
import { reviveHungPage, watchPage, watchProcess } from './crashes.ts'
import { ctlCommandOf, tellRunningApp } from './ctl.ts'
import { createHotkeys } from './hotkeys/hotkeys.ts'
import { watchKeysOn } from './hotkeys/key-watcher.ts'
import { createLog } from './logs.ts'
import { setAppMenu } from './menu.ts'
import { quitGently } from './quit.ts'
import { openRpcPort } from './rpc-port.ts'
import { createSafeSecretStore } from './safe-storage.ts'
import { createShell } from './shell.ts'
import { createTray } from './tray.ts'
import { findUpdateSource } from './update-source.ts'
import { createUpdater } from './updater.ts'
import { startCaptureChild, startWhisperProcess } from './utility-child.ts'
import { guardWebContents, refusePermissions } from './window-guard.ts'
import { createWindow, showWindow } from './window.ts'

/** This file's folder in the build; the window's parts are beside it. */
const HERE = import.meta.dirname

/** Puts Electron around the host. The first part must run before the app is ready. */
export async function runApp(): Promise<void> {
  const env = readEnv()
  app.setName('Saywire')
  app.setAppUserModelId('app.saywire.desktop')
  // One folder for all that Saywire keeps; it also decides which other app is the same as this.
  app.setPath('userData', join(env.dataDir, 'app'))
  const told = await tellRunningApp(process.argv, env.dataDir)
  if (told !== undefined) return app.exit(told)
  if (!app.requestSingleInstanceLock()) return app.exit(0)
  if (env.isWayland) app.commandLine.appendSwitch('enable-features', 'GlobalShortcutsPortal')
  registerAppScheme()
  guardWebContents(app)
  const logs = join(env.dataDir, 'logs')
  const log = createLog(logs)
  watchProcess(app, log)
  await app.whenReady()
  log(
    'info',
    `Saywire ${app.getVersion()}, Electron ${process.versions.electron}, ${process.platform}`,
  )

  let window: BrowserWindow | undefined
  let host: DesktopHost | undefined
  const show = () => window && showWindow(window)
  app.on('second-instance', show)
  app.on('activate', show)

  const hotkeys = createHotkeys({
    shortcuts: globalShortcut,
    watchKeys: () => watchKeysOn({ isWayland: env.isWayland, log }),
  })
  const updater = createUpdater({
    source: await findUpdateSource(env.isPortable),
    isWanted: () => host?.settings.get().app.autoUpdate === true,
    isCaptioning: () => host?.state.get().session.isRunning === true,
    log,
  })
  host = await createDesktopHost({
    env,
    secrets: createSafeSecretStore(join(app.getPath('userData'), 'secrets.json')),
    shell: createShell({ window: () => window, hotkeys, updater }),
    version: app.getVersion(),
    documentsDir: app.getPath('documents'),
    ctlCommand: ctlCommandOf({
      isPackaged: app.isPackaged,
      executable: env.appImage ?? process.execPath,
      appPath: app.getAppPath(),
    }),
    startCapture: startCaptureChild,
    spawnWhisper: startWhisperProcess,
    ...(app.isPackaged && { whisperLibrary: shippedLibrary() }),
    log,
  })
  const { state } = host

  const isQuitting = quitGently({
    app,
    onQuit: () => window?.hide(),
    async drain() {
      hotkeys.close()
      updater.close()
      await host.close()
      tray.close()
      log('info', 'Ended.')
    },
  })
  const actions = {
    // What stands in the way is shown by the window; the host has told it.
    toggle: () => void host.toggle().catch(show),
    mute: host.mute,
    toggleMute: () => host.mute(!state.get().session.isMuted),
    show,
    quit: () => app.quit(),
    openLogs: () => void shell.openPath(logs),
  }
  setAppMenu(actions)
  const tray = createTray(HERE, actions)
  tray.show(state.get())
  state.onChange((next) => {
    tray.show(next)
    updater.reconsider()
  })
  powerMonitor.on('resume', host.hintDevices)
  powerMonitor.on('shutdown', () => app.quit())

  refusePermissions(session.defaultSession)
  serveAppFiles(join(HERE, '..', 'renderer'), host.readFont)
  window = createWindow({
    preload: join(HERE, '..', 'preload', 'preload.cjs'),
    icon: join(HERE, 'icon.png'),
    boundsFile: join(app.getPath('userData'), 'window.json'),
  })
  watchPage(window, log)
  hideOrQuitOnClose(window, {
    isQuitting,
    staysInTray: () => state.get().session.isRunning && host.settings.get().app.closeToTray,
    quit: actions.quit,
  })
  const onFault = (path: string, error: unknown) => log('error', `${path}: ${String(error)}`)
  const onHung = reviveHungPage(window, log)
  openRpcPort(window.webContents, (send) => serveRpc(host.router, send, { onFault, onHung }))
}

/** scripts/package.mjs puts it there; an installed app has nothing to build one with. */
function shippedLibrary(): WhisperLibrary {
  return { kind: 'shipped', path: join(process.resourcesPath, 'whisper', 'saywire-whisper.node') }
}
