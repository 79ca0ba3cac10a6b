import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SettingsPatch } from '../src/settings/settings.ts'
import { focused, launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { READY } from './testing/scripted-state.ts'

const PASSWORD = 'a password of OBS'

describe.skipIf(SKIPPED !== '')(`the settings${SKIPPED}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())

  async function open(section: string, state = READY, settings: SettingsPatch = {}) {
    const host = await startScriptedHost(state, settings)
    const window = await openWindow(browser, host.url)
    const { page, problems } = window
    await page.keyboard.press('Control+,')
    await page.getByRole('tab', { name: section, exact: true }).click()
    return {
      host,
      page,
      problems,
      async [Symbol.asyncDispose]() {
        await window[Symbol.asyncDispose]()
        await host[Symbol.asyncDispose]()
      },
    }
  }

  test('each mode has exactly its fields', async () => {
    await using opened = await open('Transcription')
    const { page, host, problems } = opened
    const labels = async (): Promise<string[]> =>
      page.locator('.settings-body label').allInnerTexts()
    expect((await labels()).join('\n')).toContain('Model')
    await page.getByLabel('Remote – Managed').check()
    await page.getByLabel('Server URL').waitFor()
    expect(await labels()).toEqual(expect.arrayContaining(['Server URL', 'Email', 'Password']))
    await page.getByLabel('Remote – BYOK').check()
    await page.getByLabel('Deepgram model').waitFor()
    expect((await labels()).join('\n')).toContain('Deepgram API key')
    await expect.poll(() => host.settings.get().transcription.mode).toBe('byok')
    expect(problems).toEqual([])
  })

  test('a long page scrolls in one place only', async () => {
    await using opened = await open('Captions’ look')
    const { page } = opened
    await page.getByText('Custom CSS').waitFor()
    const heights = '[document.documentElement.scrollHeight, innerHeight]'
    const [whole, seen] = await page.evaluate<[number, number]>(heights)
    expect(whole).toBe(seen)
  })

  test('what is not allowed is said at its field and not applied; Escape brings the old back', async () => {
    await using opened = await open('Transcription', READY, { transcription: { mode: 'byok' } })
    const { page, host } = opened
    const field = page.getByLabel('Deepgram model')
    await field.fill('not a model!')
    await field.press('Enter')
    await expect.poll(async () => field.getAttribute('aria-invalid')).toBe('true')
    const described = (await field.getAttribute('aria-describedby')) ?? ''
    expect(await page.locator(`[id="${described}"]`).textContent()).toContain('not valid')
    expect(await field.inputValue()).toBe('not a model!')
    expect(host.settings.get().transcription.deepgramModel).toBe('nova-3')
    await field.press('Escape')
    await expect.poll(async () => field.inputValue()).toBe('nova-3')
    await expect.poll(async () => field.getAttribute('aria-invalid')).toBe('false')
    await field.fill('nova-2')
    await field.blur()
    await expect.poll(() => host.settings.get().transcription.deepgramModel).toBe('nova-2')
  })

  test('the theme is chosen, and follows the system’s colours', async () => {
    await using opened = await open('App')
    const { page, host } = opened
    const paper = async (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await paper()
    await page.getByText('Dark', { exact: true }).click()
    await expect.poll(() => host.settings.get().app.theme).toBe('dark')
    // What the app's shell makes of it.
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(paper).not.toBe(light)
    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(paper).toBe(light)
  })

  test('microphones are put in order by keyboard and by dragging', async () => {
    await using opened = await open('Microphone')
    const { page, host } = opened
    const order = () => host.settings.get().microphone.order
    await page.getByLabel('Prefer Webcam C920', { exact: true }).press('Enter')
    await expect.poll(order).toEqual(['Webcam C920', 'Shure MV7'])
    await page.locator('.microphone').nth(1).dragTo(page.locator('.microphone').nth(0))
    await expect.poll(order).toEqual(['Shure MV7', 'Webcam C920'])
  })

  test('a hotkey is recorded; one that cannot be delivered comes with a command to copy', async () => {
    const hotkeys = {
      ...READY.hotkeys,
      mute: { status: 'unsupported', sentence: 'This desktop keeps hotkeys to itself.' },
    } as const
    await using opened = await open('Hotkeys', { ...READY, hotkeys })
    const { page, host } = opened
    await page.getByRole('button', { name: /^Start or stop/ }).click()
    await page.keyboard.press('Control+Shift+K')
    await expect.poll(() => host.settings.get().hotkeys.toggle).toBe('Control+Shift+K')
    const commands = page.getByLabel('Commands instead')
    await commands.getByRole('button', { name: 'Copy' }).first().click()
    await commands.getByText('Copied', { exact: true }).waitFor()
    const field = page.locator('.hotkey-keys').first()
    await page.context().grantPermissions(['clipboard-read'])
    expect(await field.evaluate(async () => navigator.clipboard.readText())).toBe(
      'saywire ctl mute',
    )
    await page.getByLabel('Remove the hotkey for Start or stop').click()
    await expect.poll(() => host.settings.get().hotkeys.toggle).toBe('')
  })

  test('a look is changed by preset and by slider, and overlays have looks of their own', async () => {
    await using opened = await open('Captions’ look')
    const { page, host, problems } = opened
    const style = (at: number) => host.settings.get().overlay.overlays[at]?.style
    await page.getByRole('button', { name: 'High contrast' }).click()
    await expect.poll(() => style(0)?.fontSizePx).toBe(52)
    await page
      .getByLabel('New')
      .or(page.getByRole('button', { name: 'New' }))
      .click()
    await expect.poll(() => host.settings.get().overlay.overlays.length).toBe(2)
    const size = page.getByLabel('Size', { exact: true })
    await size.focus()
    await size.press('ArrowRight')
    await size.press('ArrowRight')
    await expect.poll(() => style(1)?.fontSizePx).toBe(54)
    expect(style(0)?.fontSizePx).toBe(52)
    const name = page.getByLabel('Name', { exact: true })
    await name.fill('Not An Address')
    await name.press('Enter')
    await page.getByText('Use small letters').waitFor()
    await name.fill('clips')
    await name.press('Enter')
    await page.getByText('http://127.0.0.1:8080/o/clips').waitFor()
    expect(problems).toEqual([])
  })

  test('a look that was changed just before an overlay was added is kept, and so is the overlay', async () => {
    await using opened = await open('Captions’ look')
    const { page, host } = opened
    await page.getByRole('button', { name: 'Neon' }).click()
    await page.getByRole('button', { name: 'New' }).click()
    const shadows = () => host.settings.get().overlay.overlays.map(({ style }) => style.shadow)
    await expect.poll(() => shadows().length).toBe(2)
    await expect.poll(() => shadows()[0]).toBe('glow')
    expect(shadows()).toHaveLength(2)
  })

  test('limits are set, refused where they are no number, and emptied', async () => {
    await using opened = await open('Limits')
    const { page, host } = opened
    const caps = () => host.settings.get().spendCaps
    const day = page.getByLabel('Each day, minutes')
    await day.fill('90')
    await day.press('Enter')
    await expect.poll(() => caps().dayMinutes).toBe(90)
    await page.getByText('42 min').waitFor()
    await day.fill('much')
    await day.press('Enter')
    await expect.poll(async () => day.getAttribute('aria-invalid')).toBe('true')
    expect(caps().dayMinutes).toBe(90)
    await day.fill('')
    await day.press('Enter')
    await expect.poll(() => caps().dayMinutes).toBeNull()
  })

  test('what can stand in for the cloud is said, and fetched where it is missing', async () => {
    const standIn = { status: 'missing', model: 'base.en-q8_0', sentence: undefined } as const
    const state = { ...READY, standIn, model: { ...READY.model, status: 'missing' } } as const
    await using opened = await open('Outages', state, { transcription: { mode: 'byok' } })
    const { page, host } = opened
    await page.getByText('Nothing can stand in yet').waitFor()
    await page.getByRole('button', { name: 'Fetch the model' }).click()
    await expect.poll(() => host.calls).toContainEqual(['models.fetch', 'base.en-q8_0'])
    host.state.set({ ...READY, standIn: { ...standIn, status: 'warm' } })
    await page.getByText('can take over at once').waitFor()
    await page.getByText('Keeps base.en-q8_0 in memory: about 365 MB.').waitFor()
    await page.getByLabel('Let this computer caption meanwhile').uncheck()
    await expect.poll(() => host.settings.get().continuity.localFallback).toBe(false)
    await expect.poll(async () => page.getByLabel('Keep its speech model').count()).toBe(0)
  })

  test('words are replaced per output', async () => {
    await using opened = await open('Words')
    const { page, host } = opened
    const words = () => host.settings.get().words
    await page.getByLabel('Heard').fill('say wire')
    await page.getByLabel('Written').fill('Saywire')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => words().replacements)
      .toEqual([{ from: 'say wire', to: 'Saywire', matchCase: false }])
    await expect.poll(async () => page.getByLabel('Heard').inputValue()).toBe('')
    await page.getByLabel('Replacements: Files and history').uncheck()
    await page.getByLabel('Profanity: Overlay').selectOption('mask')
    await expect.poll(() => words().replaceIn.files).toBe(false)
    await expect.poll(() => words().profanity).toMatchObject({ overlay: 'mask', files: 'off' })
    await page.getByLabel('Remove the replacement of say wire').click()
    await expect.poll(() => words().replacements).toEqual([])
  })

  test('the password of OBS and the one of an account are nowhere in the page afterwards', async () => {
    await using opened = await open('OBS', READY, {
      obs: { enabled: true },
      transcription: { mode: 'managed' },
    })
    const { page, host } = opened
    await page.getByLabel('Password').last().fill(PASSWORD)
    await page.keyboard.press('Enter')
    await expect.poll(() => host.calls).toContainEqual(['obs.setPassword', PASSWORD])
    expect(await everythingIn(page)).not.toContain(PASSWORD)
    await page.getByRole('tab', { name: 'Transcription' }).click()
    await page.getByLabel('Server URL').fill('https://captions.example.org')
    await page.getByLabel('Email').fill('sam@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText('3 h 14 min').first().waitFor()
    expect(await everythingIn(page)).not.toContain(PASSWORD)
  })

  test('credit is bought by pack or by amount, within what the server sells', async () => {
    const account = {
      ...READY.account,
      status: 'logged_in',
      email: 'sam@example.org',
      balanceMs: 60_000,
    } as const
    const settings = { transcription: { mode: 'managed' } } as const
    await using opened = await open('Transcription', { ...READY, account }, settings)
    const { page, host } = opened
    await page.getByRole('button', { name: '20 h' }).click()
    await expect.poll(() => host.calls).toContainEqual(['account.buy', { packageId: 'p20' }])
    const amount = page.getByLabel('Another amount, in dollars')
    await amount.fill('1')
    await amount.press('Enter')
    await amount.fill('7,5')
    await page.getByText('7 h 30 min of captions').waitFor()
    await amount.press('Enter')
    await expect.poll(() => host.calls).toContainEqual(['account.buy', { amountCents: 750 }])
    expect(host.calls).not.toContainEqual(['account.buy', { amountCents: 100 }])
  })

  test('sections are walked with the arrows, and Tab goes on into the section', async () => {
    await using opened = await open('Transcription')
    const { page } = opened
    await page.getByRole('tab', { name: 'Transcription' }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('heading', { name: 'Captions’ look', level: 1 }).waitFor()
    expect(await focused(page)).toBe('Captions’ look')
    await page.keyboard.press('End')
    await page.getByRole('heading', { name: 'Help and about', level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Open the log folder')
  })
})

async function everythingIn(page: Page): Promise<string> {
  return page.evaluate(
    `document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((field) => field.value)`,
  )
}
