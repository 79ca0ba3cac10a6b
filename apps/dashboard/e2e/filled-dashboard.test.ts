import { startFakeDeepgram } from '@saywire/speech/testing'
import type { FakeDeepgram } from '@saywire/speech/testing'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFakeStripe } from '../../server/src/billing/testing/fake-stripe.ts'
import type { FakeStripe } from '../../server/src/billing/testing/fake-stripe.ts'
import { sessionRows } from '../../server/src/testing/session-rows.ts'
import { findBarriers, scrollsSideways } from '@saywire/brand/testing/accessibility'
import { launchChromium, SKIPPED } from './testing/chromium.ts'
import { startDashboardServer } from './testing/dashboard-server.ts'
import type { DashboardServer } from './testing/dashboard-server.ts'
import { deepgramVariables, stripeVariables } from './testing/fake-services.ts'
import { startSpeaking } from './testing/speaker.ts'
import { openVisitor, PASSWORD, register } from './testing/visitor.ts'

const SECONDS_PER_DOLLAR = 6000
const DAY_MS = 86_400_000
/** What each of many sessions used, in ms: two full pages of them, and a rest. */
const MANY = Array.from({ length: 23 }, (_, index) => (index + 1) * 61_000)
const patient = { timeout: 30_000, interval: 50 }

const LOOKS: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
  ['dark on a phone', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
]

describe.skipIf(SKIPPED !== '')(`a dashboard in use${SKIPPED}`, () => {
  let deepgram: FakeDeepgram
  let stripe: FakeStripe
  let server: DashboardServer
  let browser: Browser

  beforeAll(async () => {
    deepgram = await startFakeDeepgram()
    stripe = await startFakeStripe()
    server = await startDashboardServer({
      ...deepgramVariables(deepgram),
      STARTING_CREDIT_MINUTES: '60',
      ...stripeVariables(stripe),
      CREDITS_PER_DOLLAR: String(SECONDS_PER_DOLLAR),
    })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await stripe?.close()
    await deepgram?.[Symbol.asyncDispose]()
  })

  /** Adds sessions as if they had run, one a day, the newest first. @returns their ids */
  async function addPastSessions(email: string, usedMs: readonly number[]): Promise<string[]> {
    const [user] = await server.query('SELECT id FROM users WHERE email = $1', [email])
    const rows = sessionRows(server)
    const ids: string[] = []
    for (const [index, ms] of usedMs.entries()) {
      const startedAt = new Date(Date.now() - (index + 1) * DAY_MS)
      ids.push(await rows.addSession(String(user?.['id']), { startedAt, usedMs: ms }))
    }
    return ids
  }

  const shownSessions = async (page: Page): Promise<(string | null)[]> =>
    page
      .locator('[data-session]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-session')))

  test('an amount of one’s own: out of bounds it is refused in words, paid it is on the balance', async () => {
    await using visitor = await openVisitor(browser, server.url, {}, [stripe.url])
    const { page, problems } = visitor
    await register(page, 'amount@example.org')
    const amount = page.getByLabel('Another amount, in dollars')
    await amount.fill('4.99')
    await page.keyboard.press('Enter')
    await page.getByText('Enter an amount from $5 to $200.').waitFor()
    expect(await page.evaluate('document.activeElement.name')).toBe('amount')

    await amount.fill('12,50')
    await page.getByText('Gives 20 hours 50 minutes of captions.').waitFor()
    expect(await page.getByText('Enter an amount').count()).toBe(0)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Pay $12.50' }).click()
    await page.getByText('Paid, thank you.').waitFor()
    await page.getByRole('link', { name: 'Go to the dashboard' }).click()
    const paidMs = 12.5 * SECONDS_PER_DOLLAR * 1000
    await page.locator(`.balance[data-balance-ms="${3_600_000 + paidMs}"]`).waitFor()
    expect(problems).toEqual([])
  })

  test('a session that used nothing is on the list, and is no chart yet', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page } = visitor
    await register(page, 'refused@example.org')
    await addPastSessions('refused@example.org', [0])
    await page.reload()
    await page.locator('[data-session]').waitFor()
    await page.getByText('Nothing used in the last 30 days').waitFor()
    expect(await page.locator('.chart').count()).toBe(0)
  })

  test('“Show more” adds ten at a time, in order, until there are no more', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page, problems } = visitor
    await register(page, 'many@example.org')
    const ids = await addPastSessions('many@example.org', MANY)
    await page.reload()
    const more = page.getByRole('button', { name: 'Show more' })
    for (const count of [10, 20]) {
      await expect.poll(async () => shownSessions(page), patient).toEqual(ids.slice(0, count))
      await more.click()
    }
    await expect.poll(async () => shownSessions(page), patient).toEqual(ids)
    expect(await more.count()).toBe(0)
    expect(problems).toEqual([])
  })

  test.each(LOOKS)(
    'full of figures, %s: no barrier, nothing to the side',
    async (look, options) => {
      await using visitor = await openVisitor(browser, server.url, options)
      const { page, problems } = visitor
      const email = `full-${look.replaceAll(' ', '-')}@example.org`
      await register(page, email)
      await addPastSessions(email, MANY)
      await page.reload()
      const speaker = await startSpeaking(server.url, { email, password: PASSWORD })
      await page.locator('.live-clock').waitFor()
      await page.locator('.chart').waitFor()
      await page.getByText('Running').waitFor()
      await page.getByText('Show as a table').click()
      expect(await findBarriers(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
      await speaker.stop()
      expect(problems).toEqual([])
    },
  )
})
