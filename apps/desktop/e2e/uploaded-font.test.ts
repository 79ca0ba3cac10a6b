import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../src/settings/settings.ts'
import { serveDesktop } from '../src/testing/serve-desktop.ts'
import { launchChromium, openWindow, SKIPPED as NO_CHROMIUM } from './testing/chromium.ts'
import { launchApp, SKIPPED as NO_ELECTRON } from './testing/launch-app.ts'

const ASSETS = fileURLToPath(new URL('../dist/overlay/assets/', import.meta.url))
const FIRST_RUN_DONE = { app: { firstRunDone: true } }

/** Width of the preview's first line and whether the uploaded font is in the page. */
const PREVIEW = `(() => {
  const host = document.querySelector('.look-preview [aria-hidden] > div > div')
  const uploaded = [...document.fonts].filter(({ family }) => family.includes('saywire-'))
  return {
    width: host.shadowRoot.querySelector('.line').getBoundingClientRect().width,
    fonts: uploaded.map(({ status }) => status),
  }
})()`

/** Brings a font and chooses it, as a user does, and sees the preview's letters change. */
async function bringFont(page: Page): Promise<void> {
  const asset = (await readdir(ASSETS)).find((name) => /^opendyslexic-.*700.*woff2$/.test(name))
  const buffer = await readFile(join(ASSETS, asset ?? ''))
  await page.locator('.tab', { hasText: 'Settings' }).click()
  await page.getByRole('tab', { name: 'Captions’ look', exact: true }).click()
  await page.getByText('Hold the preview still').click()
  const preview = async () => page.evaluate<{ width: number; fonts: string[] }>(PREVIEW)
  await expect.poll(async () => preview().then(({ width }) => width)).toBeGreaterThan(0)
  const before = await preview()
  expect(before.fonts).toEqual([])
  const file = { name: 'Wide.woff2', mimeType: 'font/woff2', buffer }
  await page.locator('.font-upload input').setInputFiles(file)
  await page.getByRole('button', { name: 'Forget the font Wide' }).waitFor()
  await page.getByLabel('Font', { exact: true }).selectOption({ label: 'Wide (yours)' })
  await expect.poll(async () => preview().then(({ fonts }) => fonts)).toEqual(['loaded'])
  await expect
    .poll(async () => preview().then(({ width }) => width / before.width))
    .toBeGreaterThan(1.1)
}

describe('a font that the user brought is in the preview', () => {
  it.skipIf(NO_CHROMIUM !== '')(`of the window in a plain browser${NO_CHROMIUM}`, async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'saywire-fonts-'))
    const desktop = await serveDesktop({ dataDir, settings: FIRST_RUN_DONE })
    const browser = await launchChromium()
    {
      await using window = await openWindow(browser, desktop.url)
      const { page } = window
      await bringFont(page)
      await page.getByRole('button', { name: 'Forget the font Wide' }).click()
      const chosen = page.getByLabel('Font', { exact: true }).locator('option:checked')
      await expect.poll(async () => chosen.textContent()).toBe('A font that you removed')
      expect(window.problems).toEqual([])
    }
    await browser.close()
    await desktop.close()
    await rm(dataDir, { recursive: true })
  })

  it.skipIf(NO_ELECTRON !== '')(
    `of the app, under a policy that allows fonts only from itself${NO_ELECTRON}`,
    async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'saywire-fonts-'))
      await writeFile(
        join(dataDir, 'settings.json'),
        JSON.stringify(settingsSchema.parse(FIRST_RUN_DONE)),
      )
      {
        await using app = await launchApp({ dataDir })
        await bringFont(app.window)
        expect(app.complaints).toEqual([])
      }
      await rm(dataDir, { recursive: true })
    },
  )
})
