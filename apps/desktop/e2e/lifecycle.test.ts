import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  baseArguments,
  environment,
  launchApp,
  programPath,
  SKIPPED,
} from './testing/launch-app.ts'

const APP = fileURLToPath(new URL('../', import.meta.url))

async function newDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'saywire-life-'))
  onTestFinished(async () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  return dataDir
}

/** Processes that this app started, by the folder that is on their command line or in their name. */
function processesOf(pid: number): string[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,stat=', '--ppid', String(pid)], {
    encoding: 'utf8',
  })
  return stdout.split('\n').filter((line) => line.trim() !== '' && !/\sZ/.test(line))
}

describe.skipIf(SKIPPED !== '')(`the app${SKIPPED}`, () => {
  it('runs once: a second start shows the window of the first', async () => {
    await using app = await launchApp()
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
    const args = [...baseArguments(), APP]
    const second = spawn(programPath(), args, {
      env: await environment(app.dataDir),
      stdio: 'ignore',
    })
    const [code] = (await once(second, 'exit')) as [number]
    expect(code).toBe(0)
    const isVisible = () =>
      app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())
    await expect.poll(isVisible, { timeout: 20_000 }).toBe(true)
  })

  it('is told what to do by its own program, as keyboard tools do it', async () => {
    await using app = await launchApp()
    const env = await environment(app.dataDir)
    const ctl = (verb: string) => {
      const args = [...baseArguments(), APP, 'ctl', verb]
      return spawnSync(programPath(), args, { env, encoding: 'utf8' })
    }
    await expect.poll(() => ctl('status').stdout, { timeout: 30_000 }).toContain('idle')
    const refused = ctl('start')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/microphone|model/)
  })

  it('ends when its window is closed, with everything that it started', async () => {
    const dataDir = await newDataDir()
    const app = await launchApp({ dataDir })
    const main = app.electron.process()
    const pid = main.pid ?? 0
    const children = processesOf(pid)
    expect(children.length).toBeGreaterThan(0)
    const ended = once(main, 'exit')
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    expect(await ended).toEqual([0, null])
    const pids = children.map((line) => Number(line.trim().split(/\s+/)[0]))
    await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([])
    expect(await readFile(join(dataDir, 'logs', 'saywire.log'), 'utf8')).toContain('info Ended.\n')
  })

  it('remembers where its window was', async () => {
    const dataDir = await newDataDir()
    const bounds = { x: 60, y: 40, width: 900, height: 600 }
    {
      await using app = await launchApp({ dataDir })
      await app.electron.evaluate(({ BrowserWindow }, place) => {
        BrowserWindow.getAllWindows()[0]?.setBounds(place)
      }, bounds)
      const file = async () =>
        JSON.parse(await readFile(join(dataDir, 'app', 'window.json'), 'utf8'))
      await expect
        .poll(() => file().catch(() => undefined), { timeout: 20_000 })
        .toMatchObject(bounds)
    }
    await using again = await launchApp({ dataDir })
    const place = () =>
      again.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())
    await expect.poll(place, { timeout: 20_000 }).toEqual(bounds)
  })

  it('comes back by itself when its page crashes', async () => {
    await using app = await launchApp()
    await app.electron.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
    })
    const log = () => readFile(join(app.dataDir, 'logs', 'saywire.log'), 'utf8')
    await expect
      .poll(log, { timeout: 30_000 })
      .toContain("error The window's page is gone: crashed")
    await expect.poll(log, { timeout: 30_000 }).toContain("info The window's page is back.")
  })

  it('begins its page anew when that hangs', async () => {
    await using app = await launchApp()
    const hanging = app.window.evaluate(() => {
      const { saywireBridge } = window as unknown as { saywireBridge: { send(m: object): void } }
      const input = { muted: true }
      saywireBridge.send({ id: 9999, type: 'mutation', path: 'session.mute', input })
      for (;;);
    })
    hanging.catch(() => undefined)
    const log = () => readFile(join(app.dataDir, 'logs', 'saywire.log'), 'utf8')
    await expect.poll(log, { timeout: 60_000 }).toContain("error The window's page hangs")
    await expect.poll(log, { timeout: 60_000 }).toContain("info The window's page is back.")
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
