import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IndicatorKind } from '../src/api/desktop-state.ts'
import { focused, launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { CAPTIONS, LISTENING, READY, TROUBLED } from './testing/scripted-state.ts'

/** What each state says, so that none can be taken for another. */
const WORDS = {
  idle: 'Not captioning',
  starting: 'Starting',
  listening: 'Listening',
  muted: 'Muted',
  reconnecting: 'Reconnecting',
  fallback: 'Listening on this computer',
  no_microphone: 'No microphone',
  out_of_credit: 'Out of credit',
  cap_reached: 'Limit reached',
  access_refused: 'Not let in',
  stopping: 'Stopping',
  failed: 'Stopped by a fault',
} as const satisfies Record<IndicatorKind, string>

describe.skipIf(SKIPPED !== '')(`the main window${SKIPPED}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => browser?.close())

  test('each state has a word, a sentence and a look of its own, in the same room', async () => {
    await using host = await startScriptedHost(LISTENING)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    const panel = page.locator('.state-panel')
    const looks = new Set<string>()
    const heights = new Set<number>()
    for (const [indicator, word] of Object.entries(WORDS) as [IndicatorKind, string][]) {
      host.state.set({ ...LISTENING, session: { ...LISTENING.session, indicator } })
      await expect.poll(async () => page.locator('.state-word').textContent()).toBe(word)
      const tone = await panel.getAttribute('data-tone')
      const picture = await panel.locator('.state-sign path').getAttribute('d')
      expect(await panel.locator('.state-sentence').textContent()).not.toBe('')
      looks.add(`${tone} ${picture} ${word}`)
      heights.add((await panel.boundingBox())?.height ?? 0)
    }
    expect(looks.size).toBe(Object.keys(WORDS).length)
    expect(heights.size).toBe(1)
    expect(window.problems).toEqual([])
  })

  test('the host’s own sentence is shown in place of the window’s', async () => {
    const sentence =
      'The server closed the session: its owner stopped it. Press Start to try again.'
    const session = { ...READY.session, indicator: 'failed', sentence } as const
    await using host = await startScriptedHost({ ...READY, session })
    await using window = await openWindow(browser, host.url)
    const shown = window.page.locator('.state-sentence')
    await expect.poll(async () => shown.textContent()).toBe(sentence)
  })

  test('talking while muted is noticed', async () => {
    await using host = await startScriptedHost(LISTENING)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.keyboard.press('Control+Shift+M')
    await expect.poll(async () => page.locator('.state-word').textContent()).toBe('Muted')
    const talk = setInterval(() => host.level.set({ rmsDbfs: -20, peakDbfs: -10 }), 50)
    await page.getByText('You are talking while muted').waitFor()
    clearInterval(talk)
    const keepQuiet = setInterval(() => host.level.set({ rmsDbfs: -80, peakDbfs: -70 }), 50)
    await page.getByText('You are talking while muted').waitFor({ state: 'detached' })
    clearInterval(keepQuiet)
  })

  test('a key that must be held to talk is named while one is muted by it', async () => {
    const pushToTalk = { status: 'active', sentence: undefined } as const
    const session = { ...LISTENING.session, indicator: 'muted', isMuted: true } as const
    const state = { ...LISTENING, session, hotkeys: { ...LISTENING.hotkeys, pushToTalk } }
    await using host = await startScriptedHost(state, { hotkeys: { pushToTalk: 'Control+F8' } })
    host.level.set({ rmsDbfs: -80, peakDbfs: -70 })
    await using window = await openWindow(browser, host.url)
    const sentence = window.page.locator('.state-sentence')
    await expect.poll(async () => sentence.textContent()).toContain('Hold Control + F8 to talk.')
  })

  test('Start is disabled with its reasons, which lead to where they are mended', async () => {
    await using host = await startScriptedHost(TROUBLED)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    const start = page.getByRole('button', { name: 'Start' })
    expect(await start.getAttribute('aria-disabled')).toBe('true')
    await start.press('Enter')
    await page.keyboard.press('Control+Enter')
    const reasons = page.locator(`[id="${await start.getAttribute('aria-describedby')}"]`)
    expect(await reasons.textContent()).toContain('No microphone was found')
    await page.getByRole('button', { name: 'Microphone settings' }).click()
    await page.getByRole('heading', { name: 'Microphone', level: 1 }).waitFor()
    expect(host.calls.map(([name]) => name)).not.toContain('session.start')
    expect(host.calls.map(([name]) => name)).not.toContain('session.toggle')
  })

  test('starts and stops by button and by key', async () => {
    await using host = await startScriptedHost(READY)
    await using window = await openWindow(browser, host.url)
    await window.page.getByRole('button', { name: 'Start' }).click()
    await expect.poll(() => host.calls).toContainEqual(['session.start'])
    await window.page.keyboard.press('Control+Enter')
    await expect.poll(() => host.calls).toContainEqual(['session.toggle'])
    host.state.set(LISTENING)
    await window.page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(() => host.calls).toContainEqual(['session.stop'])
  })

  test('a key that is held does once what it does, and leaves nothing to the menu', async () => {
    await using host = await startScriptedHost(READY)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    // Listening is waited for: keys may otherwise reach the page before its listener does.
    const seen = await page.evaluateHandle(() => {
      const prevented: boolean[] = []
      addEventListener('keydown', (event) => {
        if (event.key === 'Enter') prevented.push(event.defaultPrevented)
      })
      return prevented
    })
    await page.keyboard.down('Control')
    for (let times = 0; times < 3; times++) await page.keyboard.down('Enter')
    await expect.poll(async () => seen.jsonValue()).toEqual([true, true, true])
    await expect.poll(() => host.calls.map(([name]) => name)).toContain('session.toggle')
    expect(host.calls.filter(([name]) => name === 'session.toggle')).toHaveLength(1)
  })

  test('why Start failed is said where it was pressed', async () => {
    await using host = await startScriptedHost(READY)
    await using window = await openWindow(browser, host.url)
    host.refusals.push('The microphone is used by another program; close that one.')
    await window.page.getByRole('button', { name: 'Start' }).click()
    const problem = window.page.locator('.state-problem')
    await expect.poll(async () => problem.textContent()).toContain('used by another program')
  })

  test('a notice comes without taking the focus, and goes when it is closed', async () => {
    await using host = await startScriptedHost(READY)
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByRole('button', { name: 'Start' }).focus()
    host.state.set({ ...READY, notices: TROUBLED.notices })
    await page.getByText('disk full').waitFor()
    expect(await focused(page)).toContain('Start')
    await page.getByRole('button', { name: /^Close: The caption file/ }).click()
    await page.getByText('disk full').waitFor({ state: 'detached' })
  })

  test('a notice does not say again what stands in the middle of the window', async () => {
    const sentence = 'The microphone’s driver crashed; start again.'
    const notices = [{ id: 1, atMs: 0, level: 'error', sentence }] as const
    const failed = { ...READY.session, indicator: 'failed', sentence } as const
    await using host = await startScriptedHost({ ...READY, notices, session: failed })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByText(sentence).waitFor()
    expect(await page.getByText(sentence).count()).toBe(1)
    host.state.set({ ...READY, notices })
    await page.locator('.notice').getByText(sentence).waitFor()
  })

  test('an overlay that does not run is said before anybody streams, with a way to another port', async () => {
    const problem = 'Another program uses port 8080: choose another one for the overlay.'
    const overlay = { ...READY.overlay, url: undefined, problem }
    await using host = await startScriptedHost({ ...READY, overlay })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByText(`No captions in OBS: ${problem}`).waitFor()
    await page.getByRole('button', { name: 'Overlay settings' }).click()
    const port = page.getByLabel('Port')
    await port.fill('8090')
    await port.press('Enter')
    await expect.poll(() => host.settings.get().overlay.port).toBe(8090)
  })

  test('the connection to the host may be lost: it is said, and everything comes back', async () => {
    await using host = await startScriptedHost(LISTENING)
    host.captions.set({ type: 'snapshot', captions: CAPTIONS, interim: '' })
    await using window = await openWindow(browser, host.url)
    const { page } = window
    await page.getByText('Timer is ready').waitFor()
    host.dropConnections()
    await page.getByText('Reconnecting …').waitFor({ state: 'detached' })
    host.state.set({ ...LISTENING, session: { ...LISTENING.session, indicator: 'fallback' } })
    await page.getByText('Listening on this computer').waitFor()
    expect(await page.getByText('Timer is ready').count()).toBe(1)
  })
})
