import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { focused, launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { READY } from './testing/scripted-state.ts'

const FRESH = { app: { firstRunDone: false } }
const KEY = '0123456789abcdef0123456789abcdef01234567'

describe.skipIf(SKIPPED !== '')(`the first run${SKIPPED}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())

  test('is walked by keyboard alone, from the microphone to the main window', async () => {
    await using host = await startScriptedHost(READY, FRESH)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    const press = async (key: string, times = 1): Promise<void> => {
      for (let time = 0; time < times; time++) await page.keyboard.press(key)
    }
    /** Goes on with Tab until something with these words has the focus. */
    async function tabTo(words: string): Promise<void> {
      for (let time = 0; time < 30 && !(await focused(page)).includes(words); time++) {
        await press('Tab')
      }
      expect(await focused(page)).toContain(words)
    }

    await page.getByLabel('Prefer Webcam C920', { exact: true }).focus()
    await press('Enter')
    await expect.poll(() => host.settings.get().microphone.order[0]).toBe('Webcam C920')
    await tabTo('Continue')
    await press('Enter')
    await expect.poll(async () => focused(page)).toBe('Who turns speech into captions?')

    await press('Tab')
    await press('ArrowDown', 2)
    await expect.poll(() => host.settings.get().transcription.mode).toBe('byok')
    await tabTo('Continue')
    await press('Enter')
    await expect.poll(async () => focused(page)).toBe('Your Deepgram key')

    await press('Tab')
    await page.keyboard.type('too short')
    await press('Enter')
    await page.getByText('Deepgram does not know this key').waitFor()
    await page.keyboard.type(KEY)
    await press('Enter')
    await page.getByText('Deepgram accepts this key').waitFor()
    await tabTo('Continue')
    await press('Enter')
    await expect.poll(async () => focused(page)).toBe('Put captions into OBS')

    await tabTo('Copy URL')
    await press('Enter')
    await expect.poll(() => host.calls).toContainEqual(['overlay.copyUrl', 'main'])
    await tabTo('Done')
    await press('Enter')
    await page.getByRole('button', { name: 'Start' }).waitFor()
    expect(window.problems).toEqual([])
  })

  test('a key is nowhere in the page once it was entered', async () => {
    await using host = await startScriptedHost(READY, {
      ...FRESH,
      transcription: { mode: 'byok' },
    })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByRole('button', { name: 'Key', exact: true }).click()
    await page.getByLabel('Deepgram API key').last().fill(KEY)
    await page.getByRole('button', { name: 'Check and keep' }).click()
    await page.getByText('Deepgram accepts this key').waitFor()
    expect(host.calls).toContainEqual(['deepgram.setKey', KEY])
    const everything = await page.evaluate<string>(
      `document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((field) => field.value)`,
    )
    expect(everything).not.toContain(KEY)
    expect(everything).toContain(KEY.slice(-4))
  })

  test('can be skipped at once, and each step can be gone back to', async () => {
    await using host = await startScriptedHost(READY, FRESH)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByRole('button', { name: 'Overlay' }).click()
    await page.getByRole('heading', { name: 'Put captions into OBS' }).waitFor()
    await page.getByRole('button', { name: 'Back' }).click()
    await page.getByRole('heading', { name: 'Fetch the speech model' }).waitFor()
    await page.getByRole('button', { name: 'Skip the set-up' }).click()
    await page.getByRole('button', { name: 'Start' }).waitFor()
    expect(host.settings.get().app.firstRunDone).toBe(true)
  })

  test('says that nothing is heard, then that the voice is', async () => {
    await using host = await startScriptedHost(READY, FRESH)
    host.level.set({ rmsDbfs: -90, peakDbfs: -80 })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    const meter = page.locator('.level-meter')
    const keepTelling = setInterval(() => host.level.set({ ...host.level.get() }), 50)
    try {
      await page.getByText('Nothing is heard').waitFor()
      host.level.set({ rmsDbfs: -30, peakDbfs: -20 })
      await page.getByText('your voice is heard').waitFor()
      await expect.poll(async () => meter.getAttribute('style')).toContain('--level: 0.500')
    } finally {
      clearInterval(keepTelling)
    }
  })

  test('fetching a model shows how far it is, can be cancelled, fails with a reason, is tried again', async () => {
    await using host = await startScriptedHost(READY, FRESH)
    const show = (change: object): void =>
      host.state.set({ ...READY, model: { ...READY.model, ...change } })
    show({ status: 'missing', receivedBytes: 0 })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByRole('button', { name: 'Model', exact: true }).click()
    await page.getByRole('button', { name: 'Fetch the model' }).click()
    await expect.poll(() => host.calls).toContainEqual(['models.fetch', 'base.en-q8_0'])
    show({ status: 'fetching', receivedBytes: 74_000_000 })
    await page.getByText('50 %').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => host.calls.map(([name]) => name)).toContain('models.cancel')
    show({ status: 'missing', receivedBytes: 74_000_000 })
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    show({ status: 'failed', sentence: 'The disk is full; make room for 148 MB.' })
    await page.getByText('The disk is full').waitFor()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    show({ status: 'building', buildPercent: 12 })
    await page.getByText('Building the speech library … 12 %').waitFor()
    show({ status: 'ready' })
    await page.getByText('base.en-q8_0 is ready.').waitFor()
  })

  test('measures this computer, says which model is right for it and why, and takes any other', async () => {
    await using host = await startScriptedHost(READY, FRESH)
    const show = (change: object): void =>
      host.state.set({ ...READY, model: { ...READY.model, ...change } })
    show({ status: 'missing', recommended: undefined })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByRole('button', { name: 'Model', exact: true }).click()
    await expect.poll(() => host.calls).toContainEqual(['models.recommend', false])
    show({ status: 'missing', recommended: undefined, isMeasuring: true })
    await page.getByText('Measuring this computer …').waitFor()
    expect(await page.getByRole('button', { name: 'Fetch the model' }).count()).toBe(0)
    show({ status: 'missing' })
    await page.getByText('Recommended for this computer: base.en-q8_0').waitFor()
    await page.getByText('62 % of its speech threads free').waitFor()

    const model = page.getByLabel('Model', { exact: true })
    await model.selectOption('small')
    await page.getByText('small may fall behind on this computer.').waitFor()
    expect(host.settings.get().transcription.localModel).toBe('small')
    await page.getByRole('button', { name: 'Use base.en-q8_0' }).click()
    await expect.poll(async () => model.inputValue()).toBe('base.en-q8_0')
    await page.getByRole('button', { name: 'Measure again' }).click()
    await expect.poll(() => host.calls).toContainEqual(['models.recommend', true])
    expect(window.problems).toEqual([])
  })
})
