import { startFakeDeepgram } from '@saywire/speech/testing'
import type { FakeDeepgram } from '@saywire/speech/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFakeStripe } from '../../server/src/billing/testing/fake-stripe.ts'
import type { FakeStripe } from '../../server/src/billing/testing/fake-stripe.ts'
import { launchChromium, SKIPPED } from './testing/chromium.ts'
import { startDashboardServer } from './testing/dashboard-server.ts'
import type { DashboardServer } from './testing/dashboard-server.ts'
import { deepgramVariables, stripeVariables } from './testing/fake-services.ts'
import { startSpeaking } from './testing/speaker.ts'
import { openVisitor, PASSWORD, register } from './testing/visitor.ts'
import type { Visitor } from './testing/visitor.ts'

const EMAIL = 'streamer@example.org'
const NEW_PASSWORD = 'another horse entirely'
const patient = { timeout: 30_000, interval: 50 }

describe.skipIf(SKIPPED !== '')(`a streamer’s way through the dashboard${SKIPPED}`, () => {
  let deepgram: FakeDeepgram
  let stripe: FakeStripe
  let server: DashboardServer
  let browser: Browser
  let visitor: Visitor
  let page: Page

  beforeAll(async () => {
    deepgram = await startFakeDeepgram()
    stripe = await startFakeStripe()
    server = await startDashboardServer({
      ...deepgramVariables(deepgram),
      ...stripeVariables(stripe),
    })
    browser = await launchChromium()
    visitor = await openVisitor(browser, server.url, {}, [stripe.url])
    page = visitor.page
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await stripe?.close()
    await deepgram?.[Symbol.asyncDispose]()
  })

  const numberIn = async (selector: string, attribute: string): Promise<number> =>
    Number(await page.locator(selector).first().getAttribute(attribute))
  /** Name or text of what has the focus. */
  const focused = async (): Promise<string | null> =>
    page.evaluate(
      () => document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? '',
    )
  const balanceMs = async (): Promise<number> => numberIn('.balance', 'data-balance-ms')

  test('a new account has nothing, and is told how to begin', async () => {
    await register(page, EMAIL)
    await expect.poll(balanceMs, patient).toBe(0)
    await page.getByText('No sessions yet.').waitFor()
    await page.getByText('Nothing used in the last 30 days').waitFor()
    const commands = await page.locator('.empty code').allTextContents()
    expect(commands).toEqual([
      `npm run saywire -- login --server ${server.url} --email ${EMAIL}`,
      `npm run caption -- --mic --overlay --engine managed --server ${server.url}`,
    ])
  })

  test('turning back on the payment page buys nothing', async () => {
    await page
      .getByRole('button', { name: /^Buy for/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'Nothing was bought' }).waitFor()
    await page.getByRole('link', { name: 'Back to the dashboard' }).click()
    await expect.poll(balanceMs, patient).toBe(0)
  })

  test('a browser that keeps the page whole while away lets the buyer choose again on return', async () => {
    // 204 leaves the page where it is, as it is when the browser has kept it.
    await page.route('**/pay/**', async (route) => route.fulfill({ status: 204 }))
    const buy = page.getByRole('button', { name: /^Buy for/ })
    const count = await buy.count()
    const left = page.waitForResponse('**/pay/**')
    await buy.first().click()
    await left
    await page.getByText('Opening …').waitFor()
    await page.unroute('**/pay/**')
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await expect.poll(async () => buy.count(), patient).toBe(count)
  })

  test('a pack that is paid is on the balance, without any webhook', async () => {
    await page
      .getByRole('button', { name: /^Buy for/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Pay $' }).click()
    await page.getByText('Paid, thank you.').waitFor()
    await page.getByRole('link', { name: 'Go to the dashboard' }).click()
    await expect.poll(balanceMs, patient).toBeGreaterThan(60_000)
  })

  test('a slow payment is waited for, and arrives on the page by itself', async () => {
    const before = await balanceMs()
    await page
      .getByRole('button', { name: /^Buy for/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Pay by bank debit' }).click()
    await page.getByText('The payment is on its way.').waitFor()
    stripe.settleBank([...stripe.sessions.keys()].at(-1) ?? '', 'succeeded')
    await page.getByText('Paid, thank you.').waitFor()
    await page.getByRole('link', { name: 'Go to the dashboard' }).click()
    await expect.poll(balanceMs, patient).toBeGreaterThan(before)
  })

  test('while a session runs its seconds count up and the balance down; then it is on the list', async () => {
    const before = await balanceMs()
    const speaker = await startSpeaking(server.url, { email: EMAIL, password: PASSWORD })
    const liveMs = async (): Promise<number> => numberIn('.live-clock', 'data-used-ms')
    await expect.poll(liveMs, patient).toBeGreaterThan(1000)
    const early = await liveMs()
    await expect.poll(liveMs, patient).toBeGreaterThan(early)
    expect(await balanceMs()).toBeLessThan(before)
    await page.getByText('Running').waitFor()
    const figuresInRow = await recordFigures('[data-session] [data-used-ms]')

    const usedMs = await speaker.stop()
    await page.getByText('No session is running.').waitFor()
    await expect.poll(balanceMs, patient).toBe(before - usedMs)
    const row = page.locator('[data-session]')
    await row.getByText('You stopped it').waitFor()
    expect(await numberIn('[data-session] [data-used-ms]', 'data-used-ms')).toBe(usedMs)
    // What was charged is never taken back for a moment while the list is asked for.
    const figures = await figuresInRow()
    expect(figures.at(-1)).toBe(usedMs)
    expect(figures).toEqual(figures.toSorted((a, b) => a - b))
    await expect
      .poll(async () => numberIn('.chart-bars g:last-child', 'data-used-ms'), patient)
      .toBe(usedMs)
  })

  test('the list can be taken along as a file', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.csv$/)
  })

  test('a device that is signed out is gone from the list', async () => {
    await page.getByRole('link', { name: 'Account' }).click()
    await page.getByRole('heading', { name: 'Streaming PC' }).waitFor()
    await page.getByRole('button', { name: 'Sign out Streaming PC' }).click()
    const devices = async (): Promise<string[]> =>
      page.getByRole('listitem').getByRole('heading').allTextContents()
    await expect.poll(devices, patient).toEqual([expect.stringContaining('This browser')])
    // Who works by keyboard goes on where the row was.
    await expect.poll(focused, patient).toBe('Logins')
  })

  test('a wrong current password changes nothing; the right one ends every other login', async () => {
    await using elsewhere = await openVisitor(browser, server.url)
    await logIn(elsewhere.page, PASSWORD)
    await changePassword('not the password')
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
    await changePassword(PASSWORD)
    await page.getByText('Password changed.').waitFor()

    // The other browser notices with its next request, and comes back to where it was.
    await elsewhere.page.goto('/account')
    await elsewhere.page.waitForURL(/\/login\?next=%2Faccount/)
    await logIn(elsewhere.page, NEW_PASSWORD, '')
    await elsewhere.page.getByRole('heading', { name: 'Account', level: 1 }).waitFor()
    expect(elsewhere.problems).toEqual([])
  })

  test('signing out everywhere ends this login as well, which leads to the login and back', async () => {
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('button', { name: 'Keep me logged in' }).click()
    await expect.poll(focused, patient).toBe('Sign out everywhere')
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('button', { name: 'Yes, sign out everywhere' }).click()
    await page.getByText('Your login has ended.').waitFor()
    await logIn(page, NEW_PASSWORD, '')
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/account')
  })

  test('after logging out nothing of the user is left', async () => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    expect(await page.getByText(EMAIL).count()).toBe(0)
    await page.goto('/dashboard')
    await page.waitForURL(/\/login/)
  })

  test('on all of this way no page did what it must not', () => {
    expect(visitor.problems).toEqual([])
  })

  /** @returns asks for every `data-used-ms` that the element shows from now on, oldest first */
  async function recordFigures(selector: string): Promise<() => Promise<number[]>> {
    const record = await page
      .locator(selector)
      .first()
      .evaluateHandle((element) => {
        const figures: number[] = []
        const note = (): unknown => figures.push(Number(element.getAttribute('data-used-ms')))
        note()
        new MutationObserver(note).observe(element, { attributeFilter: ['data-used-ms'] })
        return figures
      })
    return async () => record.jsonValue()
  }

  async function changePassword(current: string): Promise<void> {
    await page.getByLabel('Current password').fill(current)
    await page.getByLabel('New password').fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Change password' }).click()
  }

  /** @param path empty: on the page as it is */
  async function logIn(page: Page, password: string, path = '/login'): Promise<void> {
    if (path !== '') await page.goto(path)
    await page.getByLabel('Email').fill(EMAIL)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Log out' }).waitFor()
  }
})
