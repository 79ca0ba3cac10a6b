import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ElectronApplication, Page } from 'playwright-core'
import { _electron, errors } from 'playwright-core'
import { afterAll, inject } from 'vitest'
import { closeDisplay, findDisplay } from './display.ts'

const APP = fileURLToPath(new URL('../../', import.meta.url))
const LAUNCH_TIMEOUT_MS = 60_000
/** After which a start counts as missed. */
const MISSED_TIMEOUT_MS = 30_000

const electron = inject('electron')

// For each file of tests that imports this one.
afterAll(closeDisplay)

/**
 * Empty where the app can be started. In CI its tests run in any case: there, a missing display or
 * Electron is a failure.
 */
export const SKIPPED =
  'path' in electron || process.env['CI'] ? '' : ` (skipped: ${electron.problem})`

export interface LaunchOptions {
  /** Everything that the app keeps. Default: a new folder, which goes with the app. */
  readonly dataDir?: string
  /** Beside what every program needs; nothing else of this process' environment gets through. */
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** Default: the app as built from this checkout. */
  readonly executablePath?: string
}

export interface LaunchedApp {
  readonly electron: ElectronApplication
  readonly window: Page
  readonly dataDir: string
  /** What the page and the main process complained of so far. */
  readonly complaints: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts the real app in a folder of its own and waits for its window. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'saywire-app-')))
  const app = await attach({
    executablePath: options.executablePath ?? programPath(),
    args: [...baseArguments(), ...(options.executablePath ? [] : [APP]), ...(options.args ?? [])],
    env: await environment(dataDir, options.env),
    // The page's colours are the app's business.
    colorScheme: null,
  })
  const complaints: string[] = []
  const window = await app.firstWindow({ timeout: LAUNCH_TIMEOUT_MS })
  window.on('pageerror', (error) => complaints.push(error.message))
  window.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await window.waitForLoadState()
  return {
    electron: app,
    window,
    dataDir,
    complaints,
    async [Symbol.asyncDispose]() {
      await app.close()
      if (options.dataDir === undefined)
        await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * On a busy machine Playwright misses a starting Electron now and then: the app runs, and Playwright
 * waits for it to begin. It has ended that one when it gives up.
 */
async function attach(options: Parameters<typeof _electron.launch>[0]) {
  try {
    return await _electron.launch({ ...options, timeout: MISSED_TIMEOUT_MS })
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error
    return _electron.launch({ ...options, timeout: LAUNCH_TIMEOUT_MS })
  }
}

/** The Electron program itself, for tests that start the app in their own way. */
export function programPath(): string {
  if ('problem' in electron) throw new Error(electron.problem)
  return electron.path
}

/** Chromium's sandbox cannot be had by root, as which containers run. */
export function baseArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : []
}

export async function environment(
  dataDir: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const { PATH = '', HOME = dataDir } = process.env
  const display = await findDisplay()
  return {
    PATH,
    HOME,
    LC_ALL: 'en_US.UTF-8',
    TZ: 'UTC',
    SAYWIRE_DATA_DIR: dataDir,
    ...(display && { DISPLAY: display }),
    ...more,
  }
}
