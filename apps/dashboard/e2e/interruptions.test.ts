import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBarriers } from '@saywire/brand/testing/accessibility'
import { launchChromium, SKIPPED } from './testing/chromium.ts'
import { startDashboardServer } from './testing/dashboard-server.ts'
import type { DashboardServer } from './testing/dashboard-server.ts'
import { openVisitor, PASSWORD, register } from './testing/visitor.ts'

describe.skipIf(SKIPPED !== '')(`when something is missing${SKIPPED}`, () => {
  let server: DashboardServer
  let browser: Browser

  beforeAll(async () => {
    server = await startDashboardServer({ STARTING_CREDIT_MINUTES: '60' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  test('where credit is not sold, the page says so and what to do; a gift is shown', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page, problems } = visitor
    await register(page, 'gift@example.org')
    await page.getByText('This server does not sell credit.').waitFor()
    await page.locator('.balance[data-balance-ms="3600000"]').waitFor()
    expect(await page.locator('.balance').textContent()).toBe('60 min 00 s')
    expect(await findBarriers(page)).toEqual([])
    expect(problems).toEqual([])
  })

  test('while the server is away the page says so, and catches up by itself', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page, problems } = visitor
    await register(page, 'patience@example.org')
    await page.locator('.balance').waitFor()
    await server.stop()
    await page.getByText('Live updates are interrupted.').waitFor()
    expect(await findBarriers(page)).toEqual([])

    // What is asked for meanwhile fails with a way on.
    await page.getByRole('link', { name: 'Account' }).click()
    await page.getByText('We could not load your devices.').waitFor()
    await server.start()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('This browser').waitFor()
    await page.getByRole('link', { name: 'Dashboard' }).click()
    await page.locator('.balance').waitFor()
    await page.getByText('Live updates are interrupted.').waitFor({ state: 'detached' })
    expect(problems).toEqual([])
  })

  test('a page that is only looked at goes to the login soon after that login ended elsewhere', async () => {
    await using visitor = await openVisitor(browser, server.url)
    await using elsewhere = await openVisitor(browser, server.url)
    await register(visitor.page, 'idle@example.org')
    await elsewhere.page.goto('/login?next=%2Faccount')
    await elsewhere.page.getByLabel('Email').fill('idle@example.org')
    await elsewhere.page.getByLabel('Password').fill(PASSWORD)
    await elsewhere.page.getByRole('button', { name: 'Log in' }).click()
    await elsewhere.page.getByRole('button', { name: /^Sign out (?!everywhere)/ }).click()
    await visitor.page.getByText('Your login has ended.').waitFor({ timeout: 110_000 })
    expect(visitor.page.url()).toContain('next=%2Fdashboard')
  })

  test.each([
    ['in as somebody else', 'second@example.org'],
    ['out', undefined],
  ])('a tab whose sibling has logged %s never goes on as who it was', async (_, next) => {
    await using visitor = await openVisitor(browser, server.url)
    const { page, problems } = visitor
    const first = `before-${next ?? 'nobody@example.org'}`
    await register(page, first)
    await page.goto('/account')
    await page.getByText('This browser').waitFor()
    await page.evaluate(() => Object.assign(window, { isOfFirst: true }))
    const sibling = await page.context().newPage()
    await sibling.goto('/account')
    await sibling.getByRole('button', { name: 'Log out' }).click()
    await sibling.getByRole('heading', { name: 'Log in' }).waitFor()
    if (next !== undefined) await register(sibling, next)

    // What a browser says when a tab is looked at again; without a window no tab is ever hidden.
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await page.getByText(first).first().waitFor({ state: 'detached' })
    if (next === undefined) await page.waitForURL(/\/login\?next=%2Faccount/)
    else await page.locator('.lead').getByText(next).waitFor()
    // Not the name alone: nothing that was in memory is left.
    await expect.poll(async () => page.evaluate(() => 'isOfFirst' in window)).toBe(false)
    expect(problems).toEqual([])
  })

  test('a wrong password is told at the form, and the address typed stays', async () => {
    await using visitor = await openVisitor(browser, server.url)
    const { page } = visitor
    await page.goto('/')
    await page.getByLabel('Email').fill('gift@example.org')
    await page.getByLabel('Password').fill(`not ${PASSWORD}`)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
    expect(await page.getByLabel('Email').inputValue()).toBe('gift@example.org')
    expect(new URL(page.url()).pathname).toBe('/')
  })
})
