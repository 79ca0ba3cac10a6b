import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyPatch } from '../../src/settings/settings-patch.ts'
import type { SettingsPatch } from '../../src/settings/settings.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { freePort } from '../../src/testing/free-port.ts'
import { baseArguments, environment, programPath } from './launch-app.ts'
import type { PageDebugger } from './page-debugger.ts'
import { debugPage } from './page-debugger.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const UNPACKED = fileURLToPath(new URL('../../dist-package/out/linux-unpacked', import.meta.url))

/** Makes a package of this checkout, with the Electron that the tests have. */
export function packApp(...targets: string[]): void {
  const args = ['scripts/package.mjs', '--for-tests', ...targets]
  const packed = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: join(programPath(), '..') },
  })
  if (packed.status !== 0) throw new Error(packed.stdout + packed.stderr)
}

/** A copy of the package, as far from the workspace as one on a user's machine. */
export interface InstalledApp extends AsyncDisposable {
  readonly dataDir: string
  /** Holds the program `saywire`. */
  readonly folder: string
  launch(): Promise<RunningApp>
}

export interface RunningApp {
  readonly pid: number
  readonly page: PageDebugger
  /** What the host answers to the page. */
  ask(path: string, input?: unknown): Promise<unknown>
  /** Has the host do something. */
  tell(path: string, input?: unknown): Promise<unknown>
  /** Presses the button whose text begins like this, as soon as it can be pressed. */
  press(label: string): Promise<boolean>
  /** Ends it as its user does; its exit code and signal. */
  quit(): Promise<[number | null, NodeJS.Signals | null]>
  log(): Promise<string>
}

export interface InstallOptions {
  readonly settings?: SettingsPatch
  readonly env?: Readonly<Record<string, string>>
  /** As if it were an AppImage whose builder had named this address for updates. */
  readonly updatesFrom?: string
}

export async function installApp(options: InstallOptions = {}): Promise<InstalledApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'saywire-packaged-'))
  const folder = join(dataDir, 'Saywire of a user')
  await cp(UNPACKED, folder, { recursive: true })
  const overlay = { port: await freePort() }
  const settings = applyPatch(settingsSchema.parse({}), { overlay, ...options.settings })
  await writeFile(join(dataDir, 'settings.json'), JSON.stringify(settings))
  const env = { ...options.env }
  if (options.updatesFrom !== undefined) {
    const feed = `provider: generic\nurl: ${options.updatesFrom}\nupdaterCacheDirName: updater\n`
    await writeFile(join(folder, 'resources', 'app-update.yml'), feed)
    env['APPIMAGE'] = join(dataDir, 'Saywire.AppImage')
    env['XDG_CACHE_HOME'] = join(dataDir, 'cache')
    await writeFile(env['APPIMAGE'], 'the old version')
  }
  const running = new Set<() => void>()
  return {
    dataDir,
    folder,
    async launch() {
      const app = await launch(join(folder, 'saywire'), await environment(dataDir, env))
      running.add(app.kill)
      return { ...app, log: async () => readFile(join(dataDir, 'logs', 'saywire.log'), 'utf8') }
    },
    async [Symbol.asyncDispose]() {
      for (const kill of running) kill()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function launch(program: string, env: Record<string, string>) {
  // Its fuses refuse Node's inspector, so the page is reached by Chromium's.
  const args = [...baseArguments(), '--remote-debugging-port=0']
  const app = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(app, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const page = await debugPage(app.stderr)
  let calls = 9000
  const callHost = async (type: 'query' | 'mutation', path: string, input?: unknown) => {
    const call = { id: ++calls, type, path, ...(input !== undefined && { input }) }
    return page.evaluate(`new Promise((resolve) => {
      saywireBridge.onMessage(({ id, data }) => id === ${call.id} && resolve(data))
      saywireBridge.send(${JSON.stringify(call)})
    })`)
  }
  return {
    pid: app.pid ?? 0,
    page,
    ask: async (path: string, input?: unknown) => callHost('query', path, input),
    tell: async (path: string, input?: unknown) => callHost('mutation', path, input),
    press: async (label: string) =>
      (await page.evaluate(`(() => {
        const buttons = [...document.querySelectorAll('button:not([aria-disabled=true])')]
        const button = buttons.find(({ innerText }) => innerText.startsWith(${JSON.stringify(label)}))
        button?.click()
        return button !== undefined
      })()`)) as boolean,
    async quit() {
      page.close()
      app.kill('SIGTERM')
      return ended
    },
    kill() {
      page.close()
      app.kill('SIGKILL')
    },
  }
}
