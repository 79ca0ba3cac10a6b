import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createScriptedRoom } from '../src/testing/scripted-room.ts'
import type { ServedDesktop } from '../src/testing/serve-desktop.ts'
import { serveDesktop } from '../src/testing/serve-desktop.ts'
import { launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'

const SOON = { timeout: 60_000, interval: 100 }
const KEY = 'the-good-key-1234'

describe.skipIf(SKIPPED !== '')(`the window over the real host${SKIPPED}`, () => {
  let browser: Browser
  let folder = ''
  let deepgram: FakeDeepgram
  let app: ServedDesktop

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-window-'))
    const room = await createScriptedRoom({ folder, microphones: ['Desk', 'Headset'] })
    deepgram = await startFakeDeepgram({ apiKey: KEY })
    app = await serveDesktop({
      dataDir: folder,
      startCapture: room.startCapture,
      settings: { files: { folder: join(folder, 'captions') } },
      variables: {
        SAYWIRE_MODELS_DIR: join(folder, 'models'),
        DEEPGRAM_URL: deepgram.url,
      },
    })
  })
  afterEach(async () => {
    await app?.close()
    await deepgram?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('from the first run to captions, mute, a saved file and the history', async () => {
    await using window = await openWindow(browser, app.url)
    const { page, problems } = window
    const word = async (): Promise<string | null> => page.locator('.state-word').textContent()

    await page.getByText('your voice is heard').waitFor({ timeout: SOON.timeout })
    await page.getByText('Headset').waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Your Deepgram key').click()
    await page.getByRole('button', { name: 'Continue' }).click()
    const key = page.getByLabel('Deepgram API key').last()
    await key.fill('not-the-key')
    await key.press('Enter')
    await expect.poll(async () => key.getAttribute('aria-invalid'), SOON).toBe('true')
    await key.fill(KEY)
    await key.press('Enter')
    await page.getByText('Deepgram accepts this key').waitFor({ timeout: SOON.timeout })
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Copy URL' }).click()
    await expect.poll(() => app.shell.calls.map(([name]) => name), SOON).toContain('copyText')
    await page.getByRole('button', { name: 'Done' }).click()

    await page.getByRole('button', { name: 'Start' }).click()
    await expect.poll(word, SOON).toBe('Listening')
    const log = page.getByRole('log')
    await expect.poll(async () => log.locator('.caption-row').count(), SOON).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Mute' }).click()
    await expect.poll(word, SOON).toBe('Muted')
    await page.getByRole('button', { name: 'Muted' }).click()
    await expect.poll(word, SOON).toBe('Listening')

    const saved = join(folder, 'saved.txt')
    app.shell.answers.push(saved)
    const [said = ''] = await log.locator('.caption-row span').allInnerTexts()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('menuitem', { name: 'Plain text' }).click()
    await expect.poll(async () => readFile(saved, 'utf8').catch(() => ''), SOON).toContain(said)

    await page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(word, SOON).toBe('Not captioning')
    await page.keyboard.press('Control+2')
    await page.locator('.history-row').waitFor({ timeout: SOON.timeout })
    const [wordSaid = ''] = said.match(/\p{L}{3,}/u) ?? []
    await page.getByLabel('Search titles and captions').fill(wordSaid)
    const excerpt = page.locator('.history-excerpt')
    await expect.poll(async () => excerpt.textContent(), SOON).toContain(wordSaid)
    expect(problems).toEqual([])
  })

  test('settings that were changed are there again in the next window', async () => {
    {
      await using window = await openWindow(browser, app.url)
      const { page } = window
      await page.getByRole('button', { name: 'Skip the set-up' }).click()
      await page.getByRole('button', { name: 'Fetch the model' }).click()
      await page.getByLabel('Model', { exact: true }).selectOption('base')
      await page.getByLabel('Language you speak').selectOption('de')
      await page.getByRole('tab', { name: 'Captions’ look' }).click()
      await page.getByRole('button', { name: 'Neon' }).click()
      await expect
        .poll(() => app.host.settings.get().overlay.overlays[0]?.style.shadow, SOON)
        .toBe('glow')
    }
    await using window = await openWindow(browser, app.url)
    const { page } = window
    await page.keyboard.press('Control+,')
    expect(await page.getByLabel('Language you speak').inputValue()).toBe('de')
    await page.getByRole('tab', { name: 'Captions’ look' }).click()
    const neon = page.getByRole('button', { name: 'Neon' })
    expect(await neon.getAttribute('aria-pressed')).toBe('true')
  })
})
