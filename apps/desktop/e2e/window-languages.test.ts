import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SettingsPatch } from '../src/settings/settings.ts'
import { launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { LISTENING, READY } from './testing/scripted-state.ts'

describe.skipIf(SKIPPED !== '')(`languages, names and terms in the window${SKIPPED}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())

  async function open(section: string, settings: SettingsPatch = {}, state = READY) {
    const host = await startScriptedHost(state, settings)
    const window = await openWindow(browser, host.url)
    const { page, problems } = window
    await page.keyboard.press('Control+,')
    await page.getByRole('tab', { name: section, exact: true }).click()
    return {
      host,
      page,
      problems,
      transcription: () => host.settings.get().transcription,
      async [Symbol.asyncDispose]() {
        await window[Symbol.asyncDispose]()
        await host[Symbol.asyncDispose]()
      },
    }
  }

  test('every language can be chosen with a model that knows it, and else the window says why not', async () => {
    await using opened = await open('Transcription')
    const { page, transcription, problems } = opened
    const language = page.getByLabel('Language you speak')
    const state = async () =>
      language.evaluate((select: HTMLSelectElement) =>
        Array.from(select.options, ({ value, disabled }) => (disabled ? '' : value)),
      )
    expect((await state()).filter(Boolean)).toEqual(['en'])
    const translate = page.getByLabel('Translate to English')
    await page.getByText('base.en-q8_0 knows only English: for another language').waitFor()
    expect(await translate.getAttribute('aria-disabled')).toBe('true')
    await translate.click({ force: true })
    expect(transcription().translate).toBe(false)

    await page.getByLabel('Model', { exact: true }).selectOption('small')
    await expect.poll(async () => (await state()).filter(Boolean).length).toBe(101)
    // As everywhere in a list: by its first letters.
    await language.focus()
    await page.keyboard.type('Icel')
    await expect.poll(() => transcription().language).toBe('is')
    await translate.check()
    await expect.poll(() => transcription().translate).toBe(true)

    await page.getByLabel('Remote – BYOK').check()
    await page.getByText('Deepgram does not translate').waitFor()
    // What has no effect can be switched off, and is not switched on again.
    await translate.uncheck()
    await expect.poll(() => transcription().translate).toBe(false)
    expect(problems).toEqual([])
  })

  test('names and terms are typed one on each line, and what is too much is said', async () => {
    await using opened = await open('Words')
    const { page, transcription, problems } = opened
    const field = page.getByLabel('Names and terms')
    await field.fill('Zoë\n\n  Elden Ring \nzoë')
    await field.blur()
    await expect.poll(() => transcription().vocabulary).toEqual(['Zoë', 'Elden Ring'])
    await expect.poll(async () => field.inputValue()).toBe('Zoë\nElden Ring')
    await page.getByText('2 of 100').waitFor()
    await field.fill(Array.from({ length: 101 }, (_, at) => `name ${at}`).join('\n'))
    await field.blur()
    await page.getByText('100 terms are the most').waitFor()
    expect(transcription().vocabulary).toHaveLength(2)
    expect(problems).toEqual([])
  })

  test('the languages of the hotkey are put in order by keyboard', async () => {
    await using opened = await open('Hotkeys', { transcription: { quickLanguages: ['en'] } })
    const { page, transcription, problems } = opened
    await page.getByLabel('Add a language').selectOption('de')
    await page.getByRole('button', { name: 'Add', exact: true }).press('Enter')
    await expect.poll(() => transcription().quickLanguages).toEqual(['en', 'de'])
    await page.getByRole('button', { name: 'German earlier' }).press('Enter')
    await expect.poll(() => transcription().quickLanguages).toEqual(['de', 'en'])
    await page.getByRole('button', { name: 'Remove English' }).press('Enter')
    await expect.poll(() => transcription().quickLanguages).toEqual(['de'])
    expect(await page.evaluate('document.activeElement?.tagName')).toBe('SELECT')
    await page.getByText('Next language', { exact: true }).waitFor()
    expect(problems).toEqual([])
  })

  test('the status bar names the language in use, in short and in full', async () => {
    await using host = await startScriptedHost(LISTENING)
    await using window = await openWindow(browser, host.url)
    const item = window.page.getByRole('button', { name: /^Language:/ })
    const spoken = async () => [await item.getAttribute('title'), await item.innerText()]
    await expect.poll(spoken).toEqual(['English', expect.stringMatching(/EN$/)])
    const { transcription } = host.settings.get()
    const next = { ...transcription, language: 'de', localModel: 'small', translate: true }
    host.settings.set({ ...host.settings.get(), transcription: next })
    await expect
      .poll(spoken)
      .toEqual(['German, translated to English', expect.stringMatching(/DE → EN$/)])
    host.captions.set({ type: 'interim', text: 'so the next part', settledChars: 6 })
    await expect
      .poll(async () => window.page.locator('.interim .settled').innerText())
      .toBe('so the')
    expect(window.problems).toEqual([])
  })
})
