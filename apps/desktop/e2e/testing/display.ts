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

interface VirtualDisplay {
  /** For `DISPLAY`: `:1`. */
  readonly name: string
  close(): void
}

let virtual: Promise<VirtualDisplay> | undefined

/** The display to use: the user's, else a virtual one, for `closeDisplay()` to end. */
export async function findDisplay(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const { DISPLAY } = process.env
  if (DISPLAY) return DISPLAY
  virtual ??= startVirtualDisplay()
  return (await virtual).name
}

/** Ends the virtual display where there is one. A process that tests ends without a chance to. */
export async function closeDisplay(): Promise<void> {
  const opened = await virtual
  virtual = undefined
  opened?.close()
}

async function startVirtualDisplay(): Promise<VirtualDisplay> {
  // It chooses a free number by itself and writes it once it accepts clients.
  const args = ['-displayfd', '1', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const close = () => void server.kill()
  process.once('exit', close)
  server.unref()
  const lines = createInterface({ input: server.stdout })
  const number = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('close', () => reject(new Error('Xvfb ended before it had a display')))
  })
  return { name: `:${number}`, close }
}

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
