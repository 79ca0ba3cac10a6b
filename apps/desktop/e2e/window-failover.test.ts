import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram, FakeDeepgramFault } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readEnv } from '../src/env.ts'
import { createScriptedRoom } from '../src/testing/scripted-room.ts'
import type { ServedDesktop } from '../src/testing/serve-desktop.ts'
import { serveDesktop } from '../src/testing/serve-desktop.ts'
import { launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'

const SOON = { timeout: 90_000, interval: 100 }
const KEY = 'the-good-key-1234'
const AWAY: FakeDeepgramFault = { on: 'connect', action: 'refuse', status: 503 }

describe.skipIf(SKIPPED !== '')(`a cloud that fails, in the window${SKIPPED}`, () => {
  let browser: Browser
  let folder = ''
  let deepgram: FakeDeepgram
  let app: ServedDesktop
  const logged: string[] = []

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-failover-'))
    const room = await createScriptedRoom({ folder, microphones: ['Desk'] })
    deepgram = await startFakeDeepgram({ apiKey: KEY })
    const { modelsDir, nativeDir } = readEnv()
    app = await serveDesktop({
      dataDir: folder,
      documentsDir: folder,
      startCapture: room.startCapture,
      log: (_level, sentence) => logged.push(sentence),
      settings: { transcription: { mode: 'byok' }, app: { firstRunDone: true } },
      env: { modelsDir, nativeDir },
      variables: { DEEPGRAM_URL: deepgram.url },
    })
  })
  afterEach(async () => {
    await app?.close()
    await deepgram?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('another engine speaks, the window says which and why, and the first one comes back', async () => {
    await using window = await openWindow(browser, app.url)
    const { page, problems } = window
    const word = async (): Promise<string | null> => page.locator('.state-word').textContent()
    const bar = page.getByRole('list', { name: 'What captions run on' })
    await page.keyboard.press('Control+,')
    const key = page.getByLabel('Deepgram API key').last()
    await key.fill(KEY)
    await key.press('Enter')
    await page.getByText('Deepgram accepts this key').waitFor({ timeout: SOON.timeout })
    await page.keyboard.press('Control+1')
    await page.getByRole('button', { name: 'Start' }).click()
    await expect.poll(word, SOON).toBe('Listening')
    await bar.getByText('deepgram nova-3').waitFor({ timeout: SOON.timeout })
    const rows = page.getByRole('log').locator('.caption-row')
    await expect.poll(async () => rows.count(), SOON).toBeGreaterThan(0)

    const before = await rows.count()
    deepgram.faults.push(...Array.from({ length: 20 }, () => AWAY))
    deepgram.faults.push({ on: 'audio', action: 'drop' })
    await expect.poll(word, SOON).toBe('Listening on this computer')
    await bar.getByText('whisper base.en-q8_0, for Deepgram').waitFor({ timeout: SOON.timeout })
    await page.getByText(/It is tried again (in \d+ s|now)\./).waitFor()
    expect(await rows.count()).toBeGreaterThanOrEqual(before)
    // Words that only a real engine makes of this voice.
    await page
      .getByRole('log')
      .getByText(/country/i)
      .first()
      .waitFor({ timeout: SOON.timeout })

    deepgram.faults.length = 0
    await expect.poll(word, SOON).toBe('Listening')
    await bar.getByText('deepgram nova-3').waitFor({ timeout: SOON.timeout })
    await bar.getByRole('button', { name: '1 interruption' }).click()
    const list = page.getByRole('dialog', { name: 'Interruptions of the speech engine' })
    await list.getByText(/whisper base\.en-q8_0 took over after .* s; back after/).waitFor()
    expect(logged.filter((one) => one.includes('has taken over'))).toHaveLength(1)
    expect(logged.filter((one) => one.includes('is back'))).toHaveLength(1)
    expect(problems).toEqual([])
  })

  test('a limit of a minute stops the cloud and no caption, and raising it brings the cloud back', async () => {
    await using window = await openWindow(browser, app.url)
    const { page } = window
    const word = async (): Promise<string | null> => page.locator('.state-word').textContent()
    await page.keyboard.press('Control+,')
    const key = page.getByLabel('Deepgram API key').last()
    await key.fill(KEY)
    await key.press('Enter')
    await page.getByText('Deepgram accepts this key').waitFor({ timeout: SOON.timeout })
    await page.getByRole('tab', { name: 'Limits' }).click()
    const day = page.getByLabel('Each day, minutes')
    await day.fill('1')
    await day.press('Enter')
    await page.keyboard.press('Control+1')
    await page.getByRole('button', { name: 'Start' }).click()
    await expect.poll(word, SOON).toBe('Listening')
    // A minute of speech later.
    await expect.poll(word, { ...SOON, timeout: 180_000 }).toBe('Listening on this computer')
    await page
      .getByText('Your limit of 1 minute of cloud captions a day is reached')
      .first()
      .waitFor()
    const sentMs = () => deepgram.connections.reduce((sum, one) => sum + one.audioBytes / 32, 0)
    expect(sentMs()).toBeLessThanOrEqual(60_000)
    expect(sentMs()).toBeGreaterThan(58_000)

    await page.keyboard.press('Control+,')
    await page.getByRole('tab', { name: 'Limits' }).click()
    await day.fill('')
    await day.press('Enter')
    await page.keyboard.press('Control+1')
    await expect.poll(word, SOON).toBe('Listening')
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(word, SOON).toBe('Not captioning')
    await expect
      .poll(async () => readFile(join(folder, 'spending.json'), 'utf8').catch(() => ''), SOON)
      .toMatch(/"\d{4}-\d\d-\d\d": \d{5,}/)
  })
})
