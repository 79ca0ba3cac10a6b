import { existsSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Empty where the tests can run. In CI they run in any case: a missing browser is a failure there. */
export const SKIPPED = existsSync(CHROMIUM) || process.env['CI'] ? '' : ` (skipped: no ${CHROMIUM})`

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  })
}

export interface OpenWindow extends AsyncDisposable {
  readonly page: Page
  /** What no window may do: errors on the console, refusals by the policy, other hosts, crashes. */
  readonly problems: readonly string[]
}

/** The app's window as a page of a plain browser, and an eye on everything that goes wrong. */
export async function openWindow(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenWindow> {
  const context = await browser.newContext({
    locale: 'en-US',
    timezoneId: 'Europe/Paris',
    viewport: { width: 900, height: 640 },
    ...options,
  })
  const page = await context.newPage()
  const problems: string[] = []
  const { host } = new URL(url)
  page.on('request', (request) => {
    if (new URL(request.url()).host !== host) problems.push(`request to ${request.url()}`)
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(url)
  await page.locator('.top-bar, .first-run').waitFor()
  return { page, problems, [Symbol.asyncDispose]: async () => context.close() }
}

/** What has the focus, by its words. */
export async function focused(page: Page): Promise<string> {
  return page.evaluate('(document.activeElement?.textContent ?? "").trim()')
}
