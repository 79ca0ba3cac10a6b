import { join } from 'node:path'

/**
 * Where Saywire keeps its files (database, models, built libraries, secrets of a self-hosted
 * server) unless `SAYWIRE_DATA_DIR` says otherwise: the platform's usual place for program data.
 */
export function defaultDataDir(
  platform: NodeJS.Platform,
  homeDir: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  switch (platform) {
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(homeDir, 'AppData', 'Local'), 'Saywire')
    case 'darwin':
      return join(homeDir, 'Library', 'Application Support', 'Saywire')
    default:
      return join(env['XDG_DATA_HOME'] ?? join(homeDir, '.local', 'share'), 'saywire')
  }
}
