import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../src/settings/settings.ts'
import { askHost, tellHost } from './testing/ask-host.ts'
import type { LaunchedApp } from './testing/launch-app.ts'
import { launchApp, SKIPPED } from './testing/launch-app.ts'

/** What would show that somebody else was heard. */
const CHANGE = {
  id: 9001,
  type: 'mutation',
  path: 'settings.update',
  input: { files: { title: 'Changed by a stranger' } },
}

/** The setting, once the host has surely taken everything that was sent before. */
async function titleAfter({ window }: LaunchedApp): Promise<string> {
  await tellHost(window, 'settings.update', { app: { theme: 'dark' } })
  return ((await askHost(window, 'settings.get')) as Settings).files.title
}

describe.skipIf(SKIPPED !== '')(`the app${SKIPPED}`, () => {
  it('opens a window whose page reaches the main process through one channel', async () => {
    await using app = await launchApp()
    expect(await askHost(app.window, 'app.info')).toMatchObject({
      electron: expect.stringMatching(/^\d+\./),
    })
    expect(app.complaints).toEqual([])
  })

  it('shows its page in the colours that the user chose over the system’s', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'saywire-theme-'))
    const settings = { app: { theme: 'dark', firstRunDone: true } }
    await writeFile(join(dataDir, 'settings.json'), JSON.stringify({ version: 1, ...settings }))
    {
      await using app = await launchApp({ dataDir })
      const isDark = async () =>
        app.window.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
      expect(await isDark()).toBe(true)
      await app.window.getByRole('button', { name: 'Settings', exact: true }).click()
      await app.window.getByRole('tab', { name: 'App', exact: true }).click()
      await app.window.getByText('Light', { exact: true }).click()
      await expect.poll(isDark).toBe(false)
    }
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })

  it.each([
    ['its own page in another window', 'app://saywire/index.html'],
    ['a page from elsewhere', 'data:text/html,a stranger'],
  ])('takes no word from %s', async (_who, url) => {
    await using app = await launchApp()
    await app.electron.evaluate(
      async ({ app: electronApp, BrowserWindow }, { page, change }) => {
        const preload = `${electronApp.getAppPath()}/dist/preload/preload.cjs`
        const stranger = new BrowserWindow({ show: false, webPreferences: { preload } })
        await stranger.loadURL(page)
        const send = `saywireBridge.send(${JSON.stringify(change)})`
        await stranger.webContents.executeJavaScript(send)
      },
      { page: url, change: CHANGE },
    )
    expect(await titleAfter(app)).toBe('')
  })

  it('takes no word from its own window where another page came into it', async () => {
    await using app = await launchApp()
    await app.electron.evaluate(async ({ BrowserWindow }, change) => {
      const [window] = BrowserWindow.getAllWindows()
      await window?.loadURL('data:text/html,a stranger')
      const send = `saywireBridge.send(${JSON.stringify(change)})`
      await window?.webContents.executeJavaScript(send)
      await window?.loadURL('app://saywire/index.html')
    }, CHANGE)
    expect(await titleAfter(app)).toBe('')
  })

  it('opens at a size that fits beside OBS, and can be made as narrow as its page can', async () => {
    await using app = await launchApp()
    const sizes = await app.electron.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return { size: window?.getSize(), smallest: window?.getMinimumSize() }
    })
    expect(sizes).toEqual({ size: [900, 640], smallest: [480, 520] })
  })
})
