import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const SCREEN = '1280x800x24'

/** Why no window can be shown here; undefined where one can. */
export function missingDisplay(): string | undefined {
  if (process.platform !== 'linux' || process.env['DISPLAY'] || isInstalled('Xvfb'))
    return undefined
  return 'no display and no Xvfb: install the package xvfb'
}

let virtual: Promise<string> | undefined

/** The display to use: the user's, else a virtual one that ends with this process. */
export async function findDisplay(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const { DISPLAY } = process.env
  if (DISPLAY) return DISPLAY
  virtual ??= startVirtualDisplay()
  return virtual
}

async function startVirtualDisplay(): Promise<string> {
  // It chooses a free number by itself and writes it once it accepts clients.
  const args = ['-displayfd', '1', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  process.once('exit', () => server.kill())
  server.unref()
  const lines = createInterface({ input: server.stdout })
  const number = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('close', () => reject(new Error('Xvfb ended before it had a display')))
  })
  return `:${number}`
}

/** Whether the user could run it by its name. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
