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
    for (const words of ['whisper base.en-q8_0', 'Shure MV7', 'English', '455 ms delay']) {
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

  test('that the session is recorded, in which file, and where that is switched off', async () => {
    const fileName = '20261121-201503-a1b2c3.saywire-session'
    const state = { ...LISTENING, recording: { id: '20261121-201503-a1b2c3', fileName } }
    await using host = await startScriptedHost(state, { recording: { enabled: true } })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    const mark = page.getByRole('button', { name: 'Recorded' })
    expect(await mark.getAttribute('title')).toContain(fileName)
    host.state.set(LISTENING)
    await mark.waitFor({ state: 'detached' })
    host.state.set(state)
    await mark.click()
    const list = page.getByRole('list', { name: 'Recordings' }).getByRole('listitem')
    await expect.poll(async () => list.count()).toBe(2)
    expect(await list.first().innerText()).toContain('Being recorded')
    await list.last().getByRole('button', { name: /^Show/ }).click()
    await expect
      .poll(() => host.calls)
      .toContainEqual(['recordings.show', '20261120-200200-d4e5f6'])
    await page.getByLabel('Record the sound of the microphone too').check()
    await expect.poll(() => host.settings.get().recording.withAudio).toBe(true)
    await page.getByLabel('Record each session').uncheck()
    await expect.poll(() => host.settings.get().recording.enabled).toBe(false)
    expect(window.problems).toEqual([])
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
