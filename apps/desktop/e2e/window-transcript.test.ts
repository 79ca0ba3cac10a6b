import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { focused, launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { CAPTIONS, HISTORY, LISTENING, READY } from './testing/scripted-state.ts'

const manyCaptions = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    id: from + index,
    text: `Caption number ${from + index}.`,
    startMs: (from + index) * 2000,
    endMs: (from + index) * 2000 + 1500,
    isFallback: false,
  }))

describe.skipIf(SKIPPED !== '')(`transcript and history in the window${SKIPPED}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())

  /** Some faults of scrolling come only where the page cannot draw each frame in time. */
  const speeds = [{ slowdown: 1 }, { slowdown: 9 }]
  test.for(speeds)(
    'follows the newest words, or the user, at 1/$slowdown speed',
    async ({ slowdown }) => {
      await using host = await startScriptedHost(LISTENING)
      host.captions.set({ type: 'snapshot', captions: manyCaptions(200), interim: '' })
      await using window = await openWindow(browser, host.url)
      const { page } = window
      const devtools = await page.context().newCDPSession(page)
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
      const jump = page.getByRole('button', { name: 'Jump to live' })
      const [first] = manyCaptions(1, 200)
      if (first) host.captions.set({ type: 'final', caption: first })
      await expect.poll(async () => isInView(page, 'Caption number 200.')).toBe(true)
      expect(await jump.isVisible()).toBe(false)

      await page.locator('.transcript').hover()
      // Somebody speaks on meanwhile.
      let words = 'and'
      const speech = setInterval(() => {
        words += ' so on and on'
        host.captions.set({ type: 'interim', text: words })
      }, 40)
      await page.mouse.wheel(0, -1500)
      await jump.waitFor().finally(() => clearInterval(speech))
      const top = await restingTop(page)
      for (const caption of manyCaptions(20, 201)) host.captions.set({ type: 'final', caption })
      await page.getByText('Caption number 220.').waitFor({ state: 'attached' })
      expect(await page.locator('.transcript').evaluate((node) => node.scrollTop)).toBe(top)

      await jump.click()
      await expect.poll(async () => isInView(page, 'Caption number 220.')).toBe(true)
      await jump.waitFor({ state: 'hidden' })
    },
  )

  test('shows the last 2,000 captions only, and interim words apart from the log', async () => {
    await using host = await startScriptedHost(LISTENING)
    host.captions.set({ type: 'snapshot', captions: manyCaptions(1990), interim: '' })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByText('Caption number 1989.').waitFor()
    for (const caption of manyCaptions(30, 1990)) host.captions.set({ type: 'final', caption })
    host.captions.set({ type: 'interim', text: 'and what comes' })
    await page.getByText('and what comes').waitFor()
    const log = page.getByRole('log')
    expect(await log.locator('.caption-row').count()).toBe(2000)
    expect(await log.textContent()).not.toContain('and what comes')
    expect(await log.getAttribute('aria-live')).toBe('polite')
  })

  test('saves in a format that is chosen by keyboard, and clears after a question', async () => {
    await using host = await startScriptedHost(LISTENING)
    host.captions.set({ type: 'snapshot', captions: CAPTIONS, interim: '' })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    // Before there are captions there is nothing to save.
    await page.getByText('Timer is ready').waitFor()
    await page.keyboard.press('Control+s')
    await expect.poll(async () => focused(page)).toContain('Plain text')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => host.calls).toContainEqual(['captions.save', 'srt'])
    expect(await focused(page)).toBe('Save')

    const clear = page.getByRole('button', { name: 'Clear' })
    await clear.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await focused(page)).toBe('Cancel')
    await page.keyboard.press('Escape')
    await page.getByText('Timer is ready').waitFor()
    await clear.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Clear' }).click()
    await page.getByText('Timer is ready').waitFor({ state: 'detached' })
    await page.getByText('Say something').waitFor()
  })

  test('captions are shown as text, whatever they hold', async () => {
    await using host = await startScriptedHost(LISTENING)
    await using window = await openWindow(browser, host.url)
    const text = '<img src=x onerror=alert(1)><b>bold</b>'
    const caption = { id: 1, text, startMs: 0, endMs: 900, isFallback: false }
    host.captions.set({ type: 'final', caption })
    await window.page.getByText(text).waitFor()
    expect(await window.page.locator('.transcript img').count()).toBe(0)
    expect(window.problems).toEqual([])
  })

  test('the history is searched, renamed, exported and deleted after a question', async () => {
    await using host = await startScriptedHost(READY)
    host.history.set(HISTORY)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.keyboard.press('Control+2')
    await page.getByText('Friday speedrun').waitFor()
    await page.getByLabel('Search titles and captions').fill('friday')
    await page.getByText('2026-11-18').waitFor({ state: 'detached' })

    await page.getByLabel('Rename Friday speedrun').click()
    await page.getByLabel('Title', { exact: true }).fill('Any percent')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => host.calls)
      .toContainEqual(['history.rename', 'speedrun', 'Any percent'])
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'WebVTT' }).click()
    await expect.poll(() => host.calls).toContainEqual(['history.export', 'speedrun', 'vtt'])

    await page.getByLabel('Delete Friday speedrun').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Nothing found').waitFor()
  })
})

/** Where the list is once it neither scrolls on nor takes its rows' true heights. */
async function restingTop(page: Page): Promise<number> {
  return page.locator('.transcript').evaluate(async (node) => {
    let still = 0
    for (let top = node.scrollTop; still < 5; still = node.scrollTop === top ? still + 1 : 0) {
      top = node.scrollTop
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return node.scrollTop
  })
}

async function isInView(page: Page, words: string): Promise<boolean> {
  const row = await page.getByText(words).boundingBox()
  const list = await page.locator('.transcript').boundingBox()
  return row !== null && list !== null && row.y >= list.y && row.y < list.y + list.height
}
