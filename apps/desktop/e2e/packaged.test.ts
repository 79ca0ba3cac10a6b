import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DesktopState } from '../src/api/desktop-state.ts'
import { baseArguments, environment, programPath, SKIPPED } from './testing/launch-app.ts'
import { debugPage } from './testing/page-debugger.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const UNPACKED = fileURLToPath(new URL('../dist-package/out/linux-unpacked', import.meta.url))
const ELSEWHERE = process.platform === 'linux' ? '' : ' (skipped: packages are tested on Linux)'

/** What the page's own bridge answers. */
const ASK_STATE = `new Promise((resolve) => {
  saywireBridge.onMessage(({ id, data }) => id === 9001 && resolve(data))
  saywireBridge.send({ id: 9001, type: 'query', path: 'state.get' })
})`

describe.skipIf(SKIPPED !== '' || ELSEWHERE !== '')(
  `the packaged app${SKIPPED || ELSEWHERE}`,
  () => {
    it('runs far from the workspace, with its native modules, and complains of nothing', async () => {
      const packed = spawnSync(process.execPath, ['scripts/package.mjs', '--for-tests'], {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: join(programPath(), '..') },
      })
      if (packed.status !== 0) throw new Error(packed.stdout + packed.stderr)
      const dataDir = await mkdtemp(join(tmpdir(), 'saywire-packaged-'))
      onTestFinished(async () => rm(dataDir, { recursive: true, force: true }))
      const installed = join(dataDir, 'Saywire of a user')
      await cp(UNPACKED, installed, { recursive: true })

      // Its fuses refuse Node's inspector, so the page is reached by Chromium's.
      const app = spawn(
        join(installed, 'saywire'),
        [...baseArguments(), '--remote-debugging-port=0'],
        { env: await environment(dataDir), stdio: ['ignore', 'ignore', 'pipe'] },
      )
      onTestFinished(() => void app.kill('SIGKILL'))
      const ended = once(app, 'exit')
      const page = await debugPage(app.stderr)
      onTestFinished(page.close)
      expect(page.url).toBe('app://saywire/index.html')
      // Either is said only by a capture process whose driver was loaded.
      const heardOfMicrophones = async () => {
        const { microphones, session } = (await page.evaluate(ASK_STATE)) as DesktopState
        const codes = session.startBlockers.map(({ code }) => code)
        return microphones.length > 0 || codes.includes('no_microphone')
      }
      await expect.poll(heardOfMicrophones, { timeout: 30_000 }).toBe(true)

      app.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      const log = await readFile(join(dataDir, 'logs', 'saywire.log'), 'utf8')
      expect(log).not.toMatch(/ (?:warning|error) /)
    })
  },
)
