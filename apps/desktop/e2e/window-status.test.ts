import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { LISTENING, READY } from './testing/scripted-state.ts'

describe.skipIf(SKIPPED !== '')(`what the window says of itself${SKIPPED}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())

  test('engine, microphone, language and delay, and half and 95 % of each stage', async () => {
    await using host = await startScriptedHost(LISTENING)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    const bar = page.getByRole('list', { name: 'What captions run on' })
    for (const words of ['whisper base.en', 'Shure MV7', 'English', '455 ms delay']) {
      await bar.getByText(words).waitFor()
    }
    await bar.getByRole('button', { name: 'Delay' }).click()
    const rows = page.getByRole('dialog', { name: 'Delay' }).locator('tbody tr')
    const cells = (await rows.allInnerTexts()).map((text) => text.split(/\t/))
    expect(cells).toEqual([
      ['Microphone to engine', '24 ms', '41 ms'],
      ['Engine to caption', '412 ms', '780 ms'],
      ['Caption to overlay', '18 ms', '33 ms'],
      ['In all', '455 ms', '841 ms'],
    ])
    // Unknown is not zero.
    host.state.set({ ...LISTENING, latency: undefined })
    await expect.poll(async () => rows.last().innerText()).toMatch(/–\s+–$/)
  })

  test.each([
    ['keychain', 'encrypted with your system’s keychain'],
    ['weak', 'whoever can read your files can read them'],
    ['none', 'forgotten when Saywire closes'],
  ] as const)(
    'how well keys are kept, where one is entered: %s',
    async (secretStorage, sentence) => {
      for (const mode of ['byok', 'managed'] as const) {
        await using host = await startScriptedHost(
          { ...READY, secretStorage },
          { transcription: { mode } },
        )
        await using window = await openWindow(browser, host.url)
        await window.page.keyboard.press('Control+,')
        await expect
          .poll(async () => window.page.locator('.secret-statement').innerText())
          .toContain(sentence)
      }
    },
  )
})
