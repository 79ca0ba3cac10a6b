import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
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
