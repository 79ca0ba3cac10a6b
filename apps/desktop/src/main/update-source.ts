import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import type { UpdateSource } from './updater.ts'

/**
 * electron-updater, where this copy of the app can replace itself: it was installed (not unpacked
 * from an archive), and its builder named an address for updates.
 */
export async function findUpdateSource(isPortable: boolean): Promise<UpdateSource | undefined> {
  if (!app.isPackaged || isPortable) return undefined
  const isConfigured = existsSync(join(process.resourcesPath, 'app-update.yml'))
  if (!isConfigured) return undefined
  const { default: updater } = await import('electron-updater')
  const { autoUpdater } = updater
  // On Linux only an AppImage can; without this, looking for updates would never end.
  if (!autoUpdater.isUpdaterActive()) return undefined
  // Its own log would name addresses and files; ours gets its errors.
  autoUpdater.logger = null
  return autoUpdater
}
