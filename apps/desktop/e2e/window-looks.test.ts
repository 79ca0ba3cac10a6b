import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBarriers, scrollsSideways } from '@saywire/brand/testing/accessibility'
import { launchChromium, openWindow, SKIPPED } from './testing/chromium.ts'
import type { ScriptedHost } from './testing/scripted-host.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import {
  CAPTIONS,
  FALLEN_BACK,
  HISTORY,
  LISTENING,
  READY,
  TROUBLED,
} from './testing/scripted-state.ts'

const LOOKS: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['narrow and light', { colorScheme: 'light', viewport: { width: 480, height: 640 } }],
  ['narrow and dark', { colorScheme: 'dark', viewport: { width: 480, height: 640 } }],
]

const SECTIONS = [
  'Transcription',
  'Microphone',
  'Captions’ look',
  'Words',
  'Files',
  'Hotkeys',
  'OBS',
  'Outages',
  'Limits',
  'App',
  'Help and about',
]

describe.skipIf(SKIPPED !== '')(`every screen of the window${SKIPPED}`, () => {
  let browser: Browser
  let host: ScriptedHost

  beforeAll(async () => {
    browser = await launchChromium()
    host = await startScriptedHost()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.[Symbol.asyncDispose]()
  })

  function setMode(mode: 'local' | 'managed' | 'byok', firstRunDone: boolean): void {
    const { transcription, app, ...rest } = host.settings.get()
    host.settings.set({
      ...rest,
      transcription: { ...transcription, mode },
      app: { ...app, firstRunDone },
    })
  }

  test.each(LOOKS)('%s: no barrier, nothing to the side, no other host', async (_, look) => {
    const found: string[] = []
    async function inspect(page: Page, screen: string): Promise<void> {
      // Where something fades in, its contrast is judged when it is there.
      await page.evaluate('Promise.allSettled(document.getAnimations().map((one) => one.finished))')
      found.push(...(await findBarriers(page)).map((barrier) => `${screen}: ${barrier}`))
      if (await scrollsSideways(page)) found.push(`${screen} scrolls sideways`)
    }

    host.state.set(LISTENING)
    host.history.set(HISTORY)
    host.captions.set({ type: 'snapshot', captions: CAPTIONS, interim: 'so the next part' })
    setMode('local', true)
    {
      await using window = await openWindow(browser, host.url, { ...look, reducedMotion: 'reduce' })
      const { page, problems } = window
      await page.getByText('so the next part').waitFor()
      await inspect(page, 'captions')
      await page.getByRole('button', { name: 'Delay' }).click()
      await inspect(page, 'delay')
      await page.keyboard.press('Escape')
      await page.locator('.tab', { hasText: 'History' }).click()
      await page.getByText('Friday speedrun').waitFor()
      await inspect(page, 'history')
      await page.locator('.tab', { hasText: 'Settings' }).click()
      for (const section of SECTIONS) {
        await page.getByRole('tab', { name: section, exact: true }).click()
        await page.getByRole('heading', { name: section, level: 1 }).waitFor()
        await inspect(page, section)
      }
      await page.locator('.tab', { hasText: 'Captions' }).click()
      host.state.set(FALLEN_BACK)
      await page.getByRole('button', { name: '2 interruptions' }).click()
      await inspect(page, 'interruptions')
      await page.keyboard.press('Escape')
      await page.locator('.tab', { hasText: 'Settings' }).click()
      host.state.set(TROUBLED)
      for (const mode of ['managed', 'byok'] as const) {
        setMode(mode, true)
        await page.getByRole('tab', { name: 'Transcription' }).click()
        await page.locator(mode === 'managed' ? '.account-panel' : '.key-panel').waitFor()
        await inspect(page, `settings, ${mode}`)
      }
      setMode('managed', true)
      await page.locator('.tab', { hasText: 'Captions' }).click()
      await page.getByText('Your credit is low').waitFor()
      await inspect(page, 'captions in trouble')
      expect(problems).toEqual([])
    }

    host.state.set(READY)
    for (const mode of ['local', 'managed', 'byok'] as const) {
      setMode(mode, false)
      await using window = await openWindow(browser, host.url, look)
      for (const step of ['Microphone', 'Engine', 'Set-up', 'Overlay']) {
        await inspect(window.page, `first run, ${step}, ${mode}`)
        if (step !== 'Overlay') await window.page.getByRole('button', { name: 'Continue' }).click()
      }
      expect(window.problems).toEqual([])
    }
    expect(found).toEqual([])
  })
})
