import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Why tests in a real browser cannot run here, for their name; empty where they can. */
export const CHROMIUM_NOTE = existsSync(CHROMIUM) ? '' : ` (skipped: no ${CHROMIUM})`

/** A browser that talks to nobody but the pages that it is told to open. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  })
}

/** What is on screen, a guess in brackets. */
export function shownOn(page: Page): Promise<string[]> {
  return ofLines(page, '!e.classList.contains("interim") ? e.textContent : `[${e.textContent}]`')
}

/** A JavaScript expression over each line `e`, evaluated in the page. */
export function ofLines<T>(page: Page, expression: string): Promise<T[]> {
  return page.evaluate(`[...document.querySelectorAll('.line')].map((e) => ${expression})`)
}
