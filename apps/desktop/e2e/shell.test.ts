import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { launchApp, SKIPPED } from './testing/launch-app.ts'

describe.skipIf(SKIPPED !== '')(`the app${SKIPPED}`, () => {
  it('opens a window whose page reaches the main process through one channel', async () => {
    await using app = await launchApp()
    const answer = await app.window.evaluate(
      () =>
        new Promise((resolve) => {
          const { saywireBridge } = window as unknown as {
            saywireBridge: {
              send(message: unknown): void
              onMessage(listener: (message: unknown) => void): void
            }
          }
          saywireBridge.onMessage(
            (message) => (message as { id: number }).id === 9001 && resolve(message),
          )
          saywireBridge.send({ id: 9001, type: 'query', path: 'app.info' })
        }),
    )
    expect(answer).toMatchObject({
      type: 'data',
      data: { electron: expect.stringMatching(/^\d+\./) },
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
      await app.window.getByRole('button', { name: 'Settings' }).click()
      await app.window.getByRole('tab', { name: 'App', exact: true }).click()
      await app.window.getByText('Light', { exact: true }).click()
      await expect.poll(isDark).toBe(false)
    }
    await rm(dataDir, { recursive: true, force: true })
  })
})
