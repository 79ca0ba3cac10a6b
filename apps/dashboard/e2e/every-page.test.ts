import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFakeStripe } from '../../server/src/billing/testing/fake-stripe.ts'
import type { FakeStripe } from '../../server/src/billing/testing/fake-stripe.ts'
import { findBarriers, scrollsSideways } from '@saywire/brand/testing/accessibility'
import { launchChromium, SKIPPED } from './testing/chromium.ts'
import { startDashboardServer } from './testing/dashboard-server.ts'
import type { DashboardServer } from './testing/dashboard-server.ts'
import { stripeVariables } from './testing/fake-services.ts'
import { openVisitor, register } from './testing/visitor.ts'

/** Each with the words that show that it is complete. */
const PUBLIC_PAGES = [
  ['/', 'New here?'],
  ['/login?ended=1', 'Your login has ended.'],
  ['/register', 'Already registered?'],
] as const
const PRIVATE_PAGES = [
  ['/', 'Welcome back'],
  ['/dashboard', 'No sessions yet.'],
  ['/account', 'This browser'],
  ['/billing/success', 'names no purchase'],
  ['/billing/success?session_id=cs_unknown', 'could not load this purchase'],
  ['/billing/cancel', 'Nothing was charged.'],
] as const

const LOOKS: [string, BrowserContextOptions][] = [
  ['on a desktop, light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['on a desktop, dark', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
  ['on a phone, light', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
  ['on a phone, dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
]

describe.skipIf(SKIPPED !== '')(`every page${SKIPPED}`, () => {
  let stripe: FakeStripe
  let server: DashboardServer
  let browser: Browser

  beforeAll(async () => {
    stripe = await startFakeStripe()
    server = await startDashboardServer({
      ...stripeVariables(stripe),
      CREDITS_PER_DOLLAR: '6000',
    })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await stripe?.close()
  })

  test.each(LOOKS)('%s: no barrier, nothing to the side, no other host', async (look, options) => {
    await using visitor = await openVisitor(browser, server.url, options)
    const { page, problems } = visitor
    const found: string[] = []
    const inspect = async (pages: readonly (readonly [string, string])[]): Promise<void> => {
      for (const [path, words] of pages) {
        await page.goto(path)
        await page.getByText(words).first().waitFor()
        found.push(...(await findBarriers(page)).map((barrier) => `${path} ${barrier}`))
        if (await scrollsSideways(page)) found.push(`${path} scrolls sideways`)
      }
    }
    await inspect(PUBLIC_PAGES)
    await register(page, `somebody-with-a-long-name-${look.replaceAll(/\W+/g, '-')}@example.org`)
    await inspect(PRIVATE_PAGES)
    expect(found).toEqual([])
    expect(problems).toEqual([])
  })

  test('what viewers see is shown on the first page, and holds still when told to', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page, problems } = visitor
    await page.goto('/')
    const words = async () => (await page.locator('#captions').textContent()) ?? ''
    await page.locator('#captions .line').first().waitFor()
    const first = await words()
    await expect.poll(words).not.toBe(first)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Play' }).waitFor()
    const held = await words()
    // Several words' time.
    await page.waitForTimeout(1500)
    expect(await words()).toBe(held)
    expect(problems).toEqual([])
  })

  test('by keyboard alone: skip link, navigation, and the focus on the new page’s heading', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page } = visitor
    await register(page, 'keyboard@example.org')
    const focused = async (): Promise<string> =>
      page.evaluate('document.activeElement.textContent.trim()')
    await expect.poll(focused).toBe('Dashboard')
    await page.reload()
    await page.getByRole('button', { name: 'Log out' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    await page.getByRole('link', { name: 'Account' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor()
    await expect.poll(focused).toBe('Account')
    expect(await page.title()).toBe('Account · Saywire')
  })

  test('what is wrong with a form is said at the field, which gets the focus', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page } = visitor
    await page.goto('/register')
    await page.getByLabel('Email').fill('someone@example.org')
    await page.getByLabel('Password').fill('short')
    await page.keyboard.press('Enter')
    const field = page.locator('input[aria-invalid=true]')
    await field.waitFor()
    expect(await field.getAttribute('name')).toBe('password')
    const issue = (await field.getAttribute('aria-describedby'))?.split(' ').at(-1) ?? ''
    expect(await page.locator(`[id="${issue}"]`).textContent()).toBe('Add 3 more characters.')
    expect(await page.evaluate('document.activeElement.name')).toBe('password')
    expect(await findBarriers(page)).toEqual([])
  })
})
